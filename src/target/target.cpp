#include "etalon/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/interval.hpp"

namespace etalon {
namespace {

constexpr Interval kInnerPercent = {
    .least = 1.0, .most = 100.0, .has_least = false, .has_most = false};

std::optional<double> setting_number(
    const std::vector<std::pair<std::string, std::string>>& settings, const char* name) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return setting.first == name; });
  if (found == settings.end()) return std::nullopt;
  double value = 0.0;
  const char* end = found->second.data() + found->second.size();
  const auto [stop, error] = std::from_chars(found->second.data(), end, value);
  return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

}  // namespace

void Target::validate() const {
  if (loss) check_in(field_name("target_loss"), *loss, kPositive);
  const Interval allowed = is_percent() ? kInnerPercent : kInnerShare;
  if (accuracy) check_in(field_name("target_accuracy"), *accuracy, allowed);
  if (loss.has_value() != accuracy.has_value()) return;
  throw InputError("a target is a loss or an accuracy, and one of them", "", "give one");
}

std::optional<double> Target::distance(const CurvePoint& point) const {
  if (loss && point.validation_loss) return *point.validation_loss / *loss;
  const double whole = is_percent() ? kInnerPercent.most : kInnerShare.most;
  if (accuracy && point.validation_accuracy)
    return (whole - *point.validation_accuracy) / (whole - *accuracy);
  return std::nullopt;
}

std::string Target::text() const {
  return loss ? fmt::format("loss {}", *loss) : fmt::format("accuracy {}", accuracy.value_or(0.0));
}

WorkloadInfo with_target(WorkloadInfo workload, const Target& target) {
  workload.objective_name = fmt::format("ln steps to {}", target.text());
  workload.maximizes = false;
  const auto set = [&](const char* name, const std::optional<double>& value) {
    if (value) workload.settings.emplace_back(name, fmt::format("{}", *value));
  };
  set("target_loss", target.loss);
  set("target_accuracy", target.accuracy);
  return workload;
}

std::optional<Target> target_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  const Target target{setting_number(settings, "target_loss"),
                      setting_number(settings, "target_accuracy")};
  if (!target.loss && !target.accuracy) return std::nullopt;
  return target;
}

}  // namespace etalon
