// Comments of at most 79 columns, and what they say of a rule, in TOML as in Python.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "core/text.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon {

inline constexpr std::size_t kCodeWidth = 79;

inline std::string comment(std::string_view text) {
  std::string lines;
  std::string_view start = "# ";
  for (const std::string& line : wrap(text, kCodeWidth - 4)) {
    lines += fmt::format("{}{}\n", start, line);
    start = "#   ";
  }
  return lines;
}

// The rule, what it rests on and its cautions.
inline std::string rule_comment(const ScaledRecipe& scaled) {
  std::string lines =
      comment(fmt::format("etalon scale: rule {}, κ = {:.6g}, batch size {}", scaled.rule.name,
                          scaled.kappa, batch_text(scaled.recipe.batch)));
  lines += comment(scaled.rule.formula) + comment(scaled.rule.source);
  for (const std::string& warning : scaled.warnings) {
    lines += comment(fmt::format("warning: {}", warning));
  }
  return lines;
}

}  // namespace etalon
