#include "imports/ray.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "etalon/error.hpp"
#include "imports/dict_lines.hpp"
#include "imports/json_member.hpp"
#include "imports/log_text.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRayResult = "result.json", kRayError = "error.txt",
                           kRayParams = "params.json";
constexpr std::string_view kIteration = "training_iteration", kRayConfig = "config/";
constexpr std::size_t kSeenOfResult = std::size_t{256} << 10;  // bytes

bool has_beside(const fs::path& file, std::string_view name) {
  std::error_code ignored;
  return fs::exists(file.parent_path() / name, ignored);
}

void add_result(std::span<const NamedValue> numbers, double row, LoggedRun& run) {
  const auto counter = std::find_if(numbers.begin(), numbers.end(), [](const NamedValue& each) {
    return each.name == kIteration && std::isfinite(each.value);
  });
  const double step = counter == numbers.end() ? row : counter->value;
  for (const NamedValue& each : numbers) {
    if (each.name != kIteration && !each.name.starts_with(kRayConfig)) {
      run.log(each.name, step, each.value);
    }
  }
}

bool is_json_true(const nlohmann::json& value) { return value.is_boolean() && value.get<bool>(); }

// A trial that failed and was tried again has both.
std::string end_of_trial(const nlohmann::json& last, const fs::path& file) {
  if (is_json_true(json_member(last, "done"))) return "finished";
  return has_beside(file, kRayError) ? "failed" : "";
}

DictLines add_results(const fs::path& file, LoggedRun& run) {
  std::string last;
  double rows = 0.0;
  const DictLines lines = read_dict_lines(file, [&](std::string_view line, auto numbers) {
    add_result(numbers, ++rows, run);
    last = line;
  });
  const nlohmann::json result = parse_log_json(last);
  add_settings(json_member(result, "config"), run);
  run.state = end_of_trial(result, file);
  return lines;
}

}  // namespace

bool is_ray_trial(const fs::path& file) {
  if (file.filename() == kRayError)
    return has_beside(file, kRayParams) && !has_beside(file, kRayResult);
  if (file.filename() != kRayResult) return false;
  return has_beside(file, kRayParams) ||
         read_beginning(file, kSeenOfResult).find("\"training_iteration\"") != std::string::npos;
}

void read_ray_trial(const fs::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path();
  run.holds = {run.directory};  // the trial's program ran there
  if (file.filename() == kRayError) {
    run.state = "failed";
    return hear(std::move(run));
  }
  const DictLines lines = add_results(file, run);
  const bool is_told = lines.dicts > 0 || !run.state.empty();
  const bool has_failed_at_once = lines.dicts == 0 && run.state == "failed";
  if (is_told) hear(std::move(run));
  if (!has_failed_at_once) require_whole(lines, file);
}

}  // namespace etalon
