#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "core/choice.hpp"
#include "core/interval.hpp"
#include "core/text.hpp"
#include "etalon/quadratic.hpp"
#include "quadratic/number_text.hpp"

namespace etalon {
namespace {

constexpr std::string_view kQuadratic = "quadratic";
constexpr std::int64_t kMostCoordinates = 100'000;
constexpr Interval kScale = {.least = 1e-12, .most = 1e12};
constexpr Interval kPower = {.least = -4.0, .most = 4.0};

struct QuadraticSpec {
  double h = 1.0, c = 1.0, a = 1.0;
  double h_power = 1.0, a_power = 0.0;
  std::optional<double> c_power{};  // else h_power
};

std::string place_of(std::string_view model) {
  return fmt::format("{} '{}'", field_name("model"), shortened(model));
}

// The part of `text` before its first comma, which is taken off it.
std::string_view take_part(std::string_view& text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const std::string_view part = text.substr(0, comma);
  text.remove_prefix(std::min(comma + 1, text.size()));
  return part;
}

std::int64_t parse_count(std::string_view text, std::string_view model) {
  const auto count = number_in<std::int64_t>(text);
  if (count && *count >= 1 && *count <= kMostCoordinates) return *count;
  throw InputError(fmt::format("'{}' is not a number of coordinates from 1 to {}", shortened(text),
                               kMostCoordinates),
                   place_of(model), "write it like quadratic:300");
}

double parse_value(std::string_view key, std::string_view text, const Interval& interval,
                   std::string_view model) {
  const auto value = number_in<double>(text);
  if (value && interval.contains(*value)) return *value;
  throw InputError(fmt::format("{} is '{}'", key, shortened(text)), place_of(model),
                   fmt::format("it must be a number {}", interval.text()));
}

void take_setting(std::string_view part, QuadraticSpec& spec, std::string_view model) {
  const std::size_t equals = std::min(part.find('='), part.size());
  const std::string_view key = part.substr(0, equals);
  const std::string_view text = part.substr(std::min(equals + 1, part.size()));
  const auto scale = [&] { return parse_value(key, text, kScale, model); };
  const auto power = [&] { return parse_value(key, text, kPower, model); };
  if (key == "h") return void(spec.h = scale());
  if (key == "c") return void(spec.c = scale());
  if (key == "a") return void(spec.a = scale());
  if (key == "h_power") return void(spec.h_power = power());
  if (key == "c_power") return void(spec.c_power = power());
  if (key == "a_power") return void(spec.a_power = power());
  const std::vector<std::string> keys = {"h", "c", "a", "h_power", "c_power", "a_power"};
  throw InputError(fmt::format("a quadratic has no '{}'", shortened(key)), place_of(model),
                   choose_instead(key, keys));
}

[[noreturn]] void refuse_empty(std::string_view model) {
  throw InputError("nothing stands after the last comma", place_of(model), "leave it out");
}

void refuse_repeated(std::string_view part, std::set<std::string_view>& keys,
                     std::string_view model) {
  const std::string_view key = part.substr(0, part.find('='));
  if (keys.insert(key).second) return;
  throw InputError(fmt::format("'{}' is given twice", shortened(key)), place_of(model),
                   "give it once");
}

QuadraticCoordinate coordinate_of(const QuadraticSpec& spec, std::int64_t number) {
  const auto i = static_cast<double>(number);
  const double c_power = spec.c_power.value_or(spec.h_power);
  return {spec.h * std::pow(i, -spec.h_power), spec.c * std::pow(i, -c_power),
          spec.a * std::pow(i, -spec.a_power)};
}

}  // namespace

bool is_quadratic(std::string_view model) {
  return model == kQuadratic ||
         (model.starts_with(kQuadratic) && model.substr(kQuadratic.size()).starts_with(':'));
}

std::vector<QuadraticCoordinate> parse_quadratic(std::string_view model) {
  std::string_view rest = model;
  rest.remove_prefix(std::min(kQuadratic.size() + 1, rest.size()));
  const std::int64_t count = parse_count(take_part(rest), model);
  QuadraticSpec spec;
  if (model.ends_with(',')) refuse_empty(model);
  std::set<std::string_view> keys;
  while (!rest.empty()) {
    const std::string_view part = take_part(rest);
    refuse_repeated(part, keys, model);
    take_setting(part, spec, model);
  }
  std::vector<QuadraticCoordinate> coordinates;
  for (std::int64_t i = 1; i <= count; ++i) coordinates.push_back(coordinate_of(spec, i));
  return coordinates;
}

}  // namespace etalon
