#include "etalon/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/interval.hpp"

namespace etalon {
namespace {

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
  if (accuracy) check_in(field_name("target_accuracy"), *accuracy, kInnerShare);
  if (loss.has_value() != accuracy.has_value()) return;
  throw InputError("a target is a loss or an accuracy, and one of them", "", "give one");
}

std::optional<double> Target::distance(const CurvePoint& point) const {
  if (loss && point.validation_loss) return *point.validation_loss / *loss;
  if (accuracy && point.validation_accuracy)
    return (1.0 - *point.validation_accuracy) / (1.0 - *accuracy);
  return std::nullopt;
}

std::string Target::text() const {
  return loss ? fmt::format("loss {}", *loss) : fmt::format("accuracy {}", accuracy.value_or(0.0));
}

std::optional<Target> target_of(const std::vector<std::pair<std::string, std::string>>& settings) {
  const Target target{setting_number(settings, "target_loss"),
                      setting_number(settings, "target_accuracy")};
  if (!target.loss && !target.accuracy) return std::nullopt;
  return target;
}

}  // namespace etalon
