#include "imports/guild.hpp"

#include <optional>
#include <string>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/plain_settings.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr std::string_view kFlags = "flags", kExitStatus = "exit_status";
constexpr std::size_t kLargestAttribute = std::size_t{16} << 20;  // bytes

// guild counts a signal as a negative status.
std::string end_with(double status) {
  if (status == 0.0) return "finished";
  return status < 0.0 ? "killed" : "failed";
}

std::string read_end(const std::filesystem::path& file) {
  const auto status = number_that_is(read_log_text(file, kLargestAttribute));
  if (status) return end_with(*status);
  throw InputError("the file has no exit status", file.string(), "leave it out");
}

}  // namespace

bool is_guild_attribute(const std::filesystem::path& file) {
  const std::filesystem::path attributes = file.parent_path();
  return (file.filename() == kFlags || file.filename() == kExitStatus) &&
         attributes.filename() == "attrs" && attributes.parent_path().filename() == ".guild";
}

void read_guild_attribute(const std::filesystem::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path().parent_path().parent_path();
  if (file.filename() == kFlags) {
    add_dumped_settings(read_log_text(file, kLargestAttribute), file, run);
  } else {
    run.state = read_end(file);
  }
  hear(std::move(run));
}

}  // namespace etalon
