// A TOML file in place of flags: every key is a flag's name with '_' for '-'.
//
//   batch_sizes = [8, 32, 128]      --batch-sizes 8,32,128
//   optimizer = "adamw"             --optimizer adamw
//   env = ["A=1", "B=2"]            --env A=1 --env B=2
//
// Flags given on the command line win over the file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli11.hpp"

namespace etalon::cli {

// The arguments that `path` stands for, of those options of `app` that its last parse did not see.
// `others` are keys that are no flag's, for the caller to read. Throws InputError, with file and
// line, for a file that is missing or malformed, for an unknown key and for a value that is no
// flag's.
std::vector<std::string> toml_arguments(const CLI::App& app, const std::string& path,
                                        std::span<const std::string_view> others = {});

// The list of texts under `key`; empty where there is no such key. Throws as above.
std::optional<std::vector<std::string>> toml_texts(const std::string& path, const std::string& key);

// Whether one of the arguments names a file of settings that has the key. Never throws for what it
// cannot read.
bool name_settings_with(const std::string& key, int argc, const char* const* argv);

// Parses argv; then, if the option `file` (a positional, say) was given, once more with the file's
// arguments in front. As `parse` in commands.hpp otherwise.
std::optional<int> parse_with_toml(CLI::App& app, const CLI::Option& file, int argc,
                                   const char* const* argv,
                                   std::span<const std::string_view> others = {});

}  // namespace etalon::cli
