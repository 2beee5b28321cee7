#include "imports/wandb_directory.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace etalon {
namespace {

// Of "20240101_120000-x1y2z3".
bool begins_with_date(std::string_view text) {
  constexpr std::string_view kDate = "dddddddd_dddddd-";
  const auto is_alike = [](char form, char c) {
    return form == 'd' ? c >= '0' && c <= '9' : c == form;
  };
  return text.size() > kDate.size() &&
         std::equal(kDate.begin(), kDate.end(), text.begin(), is_alike);
}

}  // namespace

void set_wandb_directory(const std::filesystem::path& directory, LoggedRun& run) {
  constexpr std::string_view kRun = "run-", kOffline = "offline-";
  constexpr std::size_t kDateLength = 15;
  run.directory = directory;
  run.holds = {directory / "files"};
  const std::string name = directory.filename().string();
  std::string_view rest = name;
  if (rest.starts_with(kOffline)) rest.remove_prefix(kOffline.size());
  if (!rest.starts_with(kRun) || !begins_with_date(rest.substr(kRun.size()))) return;
  rest.remove_prefix(kRun.size());
  run.begun = rest.substr(0, kDateLength);
  run.id = rest.substr(kDateLength + 1);
}

}  // namespace etalon
