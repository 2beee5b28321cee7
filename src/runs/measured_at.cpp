#include "runs/measured_at.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr std::string_view kStep = "step:", kExamples = "examples:", kShare = "share:";

// Nothing where the text does not begin so, or is no amount behind it.
std::optional<double> amount_after(std::string_view start, std::string_view text) {
  if (!text.starts_with(start)) return std::nullopt;
  const auto amount = parse_number(text.substr(start.size()));
  return amount && *amount > 0.0 && std::isfinite(*amount) ? amount : std::nullopt;
}

}  // namespace

std::optional<double> MeasuredAt::step_at(double batch_size) const {
  if (kind == Kind::step) return amount;
  if (kind == Kind::examples) return amount / batch_size;
  return std::nullopt;
}

std::string MeasuredAt::to_text() const {
  switch (kind) {
    case Kind::last:
      return "last";
    case Kind::best:
      return "best";
    case Kind::step:
      return fmt::format("{}{:g}", kStep, amount);
    case Kind::examples:
      return fmt::format("{}{:g}", kExamples, amount);
    case Kind::share:
      return fmt::format("{}{:g}", kShare, amount);
  }
  return "";
}

MeasuredAt parse_measured_at(std::string_view text) {
  if (text == "last") return {};
  if (text == "best") return {MeasuredAt::Kind::best};
  if (const auto steps = amount_after(kStep, text)) return {MeasuredAt::Kind::step, *steps};
  if (const auto examples = amount_after(kExamples, text)) {
    return {MeasuredAt::Kind::examples, *examples};
  }
  const auto share = amount_after(kShare, text);
  if (share && *share <= 1.0) return {MeasuredAt::Kind::share, *share};
  throw InputError(
      fmt::format("{} is '{}', which is no point of a run", field_name("at"), shortened(text)), "",
      "say last, best, step:1000, examples:1000000 or share:0.5");
}

}  // namespace etalon
