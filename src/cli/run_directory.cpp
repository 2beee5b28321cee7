#include "cli/run_directory.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <system_error>

#include "etalon/error.hpp"

namespace etalon::cli {

std::filesystem::path run_directory_in(const std::filesystem::path& parent) {
  std::error_code error;
  std::filesystem::create_directories(parent, error);
  if (error) {
    throw InputError(fmt::format("cannot make the directory ({})", error.message()),
                     fmt::format("--out {}", parent.string()), "choose another");
  }
  return parent / fmt::format("{}", getpid());
}

}  // namespace etalon::cli
