#include "study/trial_text.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/plain_number.hpp"

namespace etalon {
namespace {

// Three significant digits; of what lies close below 1, of how far it does.
std::string short_number(double value) {
  if (!(value > 0.9 && value < 1.0)) return rounded_number(value, 3);
  const int decimals = 2 - static_cast<int>(std::floor(std::log10(1.0 - value)));
  std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

}  // namespace

std::string describe(const MovedSettings& moved) {
  std::string text;
  for (const auto& [name, value] : kMovableSettings) {
    if (!(moved.*value)) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, short_number(*(moved.*value)));
  }
  return text;
}

std::string describe(const TrialSpec& spec) {
  const std::string moved = describe(spec.moved);
  return fmt::format("batch size {}, learning rate {:g}, {}{}seed {}", spec.batch_size, spec.lr,
                     moved, moved.empty() ? "" : ", ", spec.seed);
}

std::string rule_in_words(const std::string& rule) {
  if (rule == "fixed") return "a fixed learning rate";
  if (rule == "sqrt") return "square-root scaling";
  if (rule == "linear" || rule == "saturating") return rule + " scaling";
  if (rule == "sde") return "the SDE rule";
  if (rule == "sde-power") return "the SDE rule with β^κ";
  if (rule == "legw") return "LEGW";
  return "the rule " + rule;
}

}  // namespace etalon
