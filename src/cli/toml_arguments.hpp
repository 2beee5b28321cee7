// A TOML file in place of flags: every key is a flag's name with '_' for '-'.
//
//   batch_sizes = [8, 32, 128]      --batch-sizes 8,32,128
//   optimizer = "adamw"             --optimizer adamw
//
// Flags given on the command line win over the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"

namespace etalon::cli {

// The arguments that `path` stands for, of those options of `app` that its last parse did not see.
// Throws InputError, with file and line, for a file that is missing or malformed, for an unknown
// key and for a value that is no flag's.
std::vector<std::string> toml_arguments(const CLI::App& app, const std::string& path);

// Parses argv; then, if the option `file` (a positional, say) was given, once more with the file's
// arguments in front. As `parse` in commands.hpp otherwise.
std::optional<int> parse_with_toml(CLI::App& app, const CLI::Option& file, int argc,
                                   const char* const* argv);

}  // namespace etalon::cli
