#include "report/scale/evidence_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <vector>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "core/told_number.hpp"

namespace etalon {
namespace {

constexpr int kDigits = 2;

std::string counted_size(std::size_t count, std::string_view noun) {
  return counted(static_cast<std::int64_t>(count), noun);
}

std::string lost_cell(const RuleLoss& lost) {
  if (std::isinf(lost.loss)) return "diverged";
  const double greatest = greatest_told(0.0);
  if (lost.loss > greatest) return told_number(lost.loss, kDigits, greatest);
  return (lost.at_least ? "≥ " : "") + rounded_number(lost.loss, kDigits);
}

std::string sources_of(const AtlasEvidence& evidence) {
  std::vector<std::string> names;
  for (const SourceCount& each : evidence.sources) {
    names.push_back(fmt::format("{}, {} ({})", printable(each.source), printable(each.url),
                                counted_size(each.settings, "setting")));
  }
  return fmt::format("{}", fmt::join(names, "; "));
}

std::string exponent_of(const ExponentSpread& exponent) {
  return fmt::format(
      "The best η went as κ^{:.2f} in the middle of {} of {}, and in 80 of 100 "
      "between κ^{:.2f} and κ^{:.2f}.",
      exponent.median, counted_size(exponent.settings, "setting"),
      counted_size(exponent.sources, "source"), exponent.low, exponent.high);
}

std::string records_table(const AtlasEvidence& evidence, const TextStyle& style) {
  Column rules{.head = "rule", .cells = {}, .left = true};
  Column shares{.head = fmt::format("lost over {:g}", evidence.query.tolerance), .cells = {}};
  Column medians{.head = "median", .cells = {}};
  Column worst{.head = "worst", .cells = {}};
  Column settings{.head = "settings", .cells = {}};
  for (const RuleRecord& each : evidence.rules) {
    rules.cells.emplace_back(each.rule);
    shares.cells.push_back(fmt::format("{:.0f} of 100", 100.0 * each.share_lost));
    medians.cells.push_back(lost_cell(each.median));
    worst.cells.push_back(lost_cell(each.worst));
    settings.cells.push_back(fmt::format("{}", each.settings));
  }
  return table(rules, {{shares, medians, worst, settings}}, style);
}

}  // namespace

std::string evidence_text(const AtlasEvidence& evidence, const TextStyle& style) {
  if (evidence.sources.empty()) return "";
  const AtlasQuery& query = evidence.query;
  std::string text = "\n";
  text += paragraph(
      fmt::format(
          "What happened elsewhere with optimizers of this kind, where κ was {:.3g} to "
          "{:.3g} and runs were equally long in examples. Every source weighs the same: {}.",
          query.kappa / query.factor, query.kappa * query.factor, sources_of(evidence)),
      style);
  text += '\n';
  text += records_table(evidence, style);
  if (evidence.exponent) text += paragraph(exponent_of(*evidence.exponent), style);
  return text;
}

}  // namespace etalon
