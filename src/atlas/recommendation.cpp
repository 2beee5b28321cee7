// Which rule the evidence speaks for, and what is said of it.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "atlas/linear_losses.hpp"
#include "core/text.hpp"
#include "etalon/atlas.hpp"

namespace etalon {
namespace {

// Less than this is anecdote: one source has its own task, network and habits.
constexpr std::size_t kLeastSources = 2;
constexpr std::size_t kLeastSettings = 5;
// By what share of settings a rule must lose less often than another to go before it: a tenth of
// the two dozen settings at hand is two or three of them.
constexpr double kClearly = 0.1;

bool is_enough(const RuleRecord* record) {
  return record && record->sources >= kLeastSources && record->settings >= kLeastSettings;
}

const AtlasRule* find_rule_of_atlas(std::string_view name) {
  const auto* found = std::find_if(kAtlasRules.begin(), kAtlasRules.end(),
                                   [&](const AtlasRule& each) { return each.name == name; });
  return found == kAtlasRules.end() ? nullptr : found;
}

// The plain rule that moves η as `name` does; empty where the atlas does not follow that.
std::string_view plain_part(std::string_view name) {
  const AtlasRule* rule = find_rule_of_atlas(name);
  if (!rule) return "";
  return std::find_if(
             kAtlasRules.begin(), kAtlasRules.end(),
             [&](const AtlasRule& each) { return each.is_plain && each.power == rule->power; })
      ->name;
}

// Whether no source of both says the contrary.
bool agree(const RuleRecord& better, const RuleRecord& worse) {
  for (const SourceShare& a : better.by_source) {
    for (const SourceShare& b : worse.by_source) {
      if (a.source == b.source && a.share_lost > b.share_lost) return false;
    }
  }
  return true;
}

// The plain rule to go by: the one that lost least often, if that is clear, else `derived`.
const RuleRecord& choose(const AtlasEvidence& evidence, const RuleRecord& derived) {
  const RuleRecord* best = &derived;
  for (const RuleRecord& record : evidence.rules) {
    if (!find_rule_of_atlas(record.rule)->is_plain || !is_enough(&record)) continue;
    if (record.share_lost >= best->share_lost) continue;
    if (record.share_lost <= derived.share_lost - kClearly && agree(record, derived)) {
      best = &record;
    }
  }
  return *best;
}

std::string settings_and_sources(std::size_t settings, std::size_t sources) {
  return fmt::format("{} of {}", counted(static_cast<std::int64_t>(settings), "setting"),
                     counted(static_cast<std::int64_t>(sources), "source"));
}

std::string too_little(const AtlasEvidence& evidence) {
  if (evidence.sources.empty()) return "It rests on that alone: the atlas has no such move.";
  return fmt::format("It rests on that alone: the atlas has {}, too few to judge by.",
                     settings_and_sources(evidence.settings(), evidence.sources.size()));
}

// "Elsewhere, where κ was about 8, sqrt lost more than 0.02 in 26 of 100 (24 settings of 2
// sources)"
std::string lost_elsewhere(const RuleRecord& record, const AtlasQuery& query) {
  return fmt::format(
      "Elsewhere, where κ was about {:.3g}, {} lost more than {:g} in {:.0f} of 100 "
      "({})",
      query.kappa, record.rule, query.tolerance, 100.0 * record.share_lost,
      settings_and_sources(record.settings, record.sources));
}

// The share of the sources that tell of `other` too.
double share_beside(const RuleRecord& record, const RuleRecord& other) {
  double sum = 0.0;
  for (const SourceShare& a : record.by_source) {
    for (const SourceShare& b : other.by_source) {
      if (a.source == b.source) sum += a.share_lost / static_cast<double>(other.by_source.size());
    }
  }
  return sum;
}

// Whether who ran the whole recipe of the derivation did not clearly lose more often than by its η
// alone.
bool is_borne_out(const RuleRecord* whole, const RuleRecord& plain) {
  return whole && whole->settings >= kLeastSettings &&
         whole->share_lost < share_beside(plain, *whole) + kClearly;
}

std::string reason_of(const RuleRecord& chosen, const RuleRecord& derived, const RuleRecord* whole,
                      const std::string& derivation, const AtlasQuery& query) {
  const std::string lost = lost_elsewhere(chosen, query);
  if (chosen.rule != derived.rule) {
    return fmt::format("{}, and {}, by which theory would move η, in {:.0f}.", lost, derived.rule,
                       100.0 * derived.share_lost);
  }
  if (!whole) {
    return fmt::format(
        "{}, no plain rule clearly less often. Nobody there tried what {} moves "
        "besides η.",
        lost, derivation);
  }
  return fmt::format(
      "{}, no plain rule clearly less often. Who tried {} as a whole lost so in {:.0f} of 100 "
      "({}), "
      "and by {} in {:.0f}.",
      lost, derivation, 100.0 * whole->share_lost,
      settings_and_sources(whole->settings, whole->sources), chosen.rule,
      100.0 * share_beside(chosen, *whole));
}

std::string reason_to_stay(const RuleRecord& chosen, const RuleRecord* whole,
                           const AtlasQuery& query) {
  const std::string lost = lost_elsewhere(chosen, query);
  if (!whole) return fmt::format(" {}, no plain rule clearly less often.", lost);
  return fmt::format(" {}; who tried {} as a whole lost so in {:.0f} ({}).", lost, whole->rule,
                     100.0 * whole->share_lost,
                     settings_and_sources(whole->settings, whole->sources));
}

bool has_usual_betas(const Recipe& base) {
  const OptimizerInfo& usual = optimizer_info(base.optimizer);
  return base.beta1 == usual.beta1 && base.beta2 == usual.beta2;
}

void put_first(RuleComparison& comparison) {
  std::stable_partition(
      comparison.rules.begin(), comparison.rules.end(),
      [&](const ScaledRecipe& each) { return each.rule.name == comparison.recommended; });
}

}  // namespace

void follow_evidence(RuleComparison& comparison, const AtlasEvidence& evidence, const Recipe& base,
                     const ScaleOptions& options) {
  warn_of_linear_losses(comparison, evidence, base);
  if (comparison.kappa == 1.0 || options.noise_scale) return;
  const RuleRecord* derived = evidence.record_of(plain_part(comparison.recommended));
  if (!is_enough(derived)) {
    comparison.reason += ' ' + too_little(evidence);
    return;
  }
  const RuleRecord* whole = derived->rule == comparison.recommended
                                ? nullptr
                                : evidence.record_of(comparison.recommended);
  const RuleRecord& chosen = choose(evidence, *derived);
  const bool is_plain = derived->rule == comparison.recommended;
  if (&chosen == derived && (is_plain || is_borne_out(whole, *derived))) {
    comparison.reason += reason_to_stay(chosen, whole, evidence.query);
    return;
  }
  if (&chosen == derived && !has_usual_betas(base)) {
    comparison.reason +=
        fmt::format(" {}; those runs had the usual betas.", lost_elsewhere(chosen, evidence.query));
    return;
  }
  comparison.reason = reason_of(chosen, *derived, whole, comparison.recommended, evidence.query);
  comparison.recommended = chosen.rule;
  put_first(comparison);
}

}  // namespace etalon
