#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "core/interval.hpp"
#include "core/number_text.hpp"
#include "core/spec_text.hpp"
#include "core/text.hpp"
#include "etalon/quadratic.hpp"

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

std::int64_t parse_count(const SpecText& model) {
  const auto count = number_in<std::int64_t>(model.word(0));
  if (count && *count >= 1 && *count <= kMostCoordinates) return *count;
  model.refuse(fmt::format("'{}' is not a number of coordinates from 1 to {}",
                           shortened(model.word(0)), kMostCoordinates),
               "write it like quadratic:300");
}

QuadraticSpec spec_of(const SpecText& model) {
  model.check_keys("a quadratic", {"h", "c", "a", "h_power", "c_power", "a_power"});
  QuadraticSpec spec;
  spec.h = model.number("h", kScale).value_or(spec.h);
  spec.c = model.number("c", kScale).value_or(spec.c);
  spec.a = model.number("a", kScale).value_or(spec.a);
  spec.h_power = model.number("h_power", kPower).value_or(spec.h_power);
  spec.c_power = model.number("c_power", kPower);
  spec.a_power = model.number("a_power", kPower).value_or(spec.a_power);
  return spec;
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
  const SpecText text("model", model, 1);
  const std::int64_t count = parse_count(text);
  const QuadraticSpec spec = spec_of(text);
  std::vector<QuadraticCoordinate> coordinates;
  for (std::int64_t i = 1; i <= count; ++i) coordinates.push_back(coordinate_of(spec, i));
  return coordinates;
}

}  // namespace etalon
