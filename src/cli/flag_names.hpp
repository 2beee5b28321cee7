// How the library's names of settings read on the command line: `seeds` is --seeds and
// `plateau.factor` is --plateau-factor, but `lr_center` is --lr. Used by `main` alone, on its
// thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/cli11.hpp"

namespace etalon::cli {

// A setting, or a setting with a value, that a command has under another name than its own.
struct FieldFlag {
  std::string_view field;
  std::string_view flag;  // as the user writes it: "--lr", "RUNS", "no --resume"
};

// From now on, settings are named by the flags of `app`: those of the command that runs.
void name_fields_by(const CLI::App& app);

// The flag that sets `field`: of `own`, else of all commands' exceptions, else the name with '-'
// for '_' and '.'. Where the command has no such flag, the name in words.
std::string flag_of(std::string_view field, std::span<const FieldFlag> own);

}  // namespace etalon::cli
