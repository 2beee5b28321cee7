// What happened elsewhere: the best learning rates of published sweeps, as evidence for whoever has
// no runs of their own.
//
// The atlas is a table of facts. Each row is a pair of batch sizes of one setting (model, data,
// budget, optimizer) of one source: the best learning rate at either, and what rules lost that took
// the best of the one to the other. `gather_evidence` chooses the rows that match an
// optimizer and a ratio of batch sizes, and says how often each rule lost more than a tolerance and
// how the exponent spreads. Sources weigh alike, within them settings, and within these pairs: a
// source with many rows says no more than one with few. `follow_evidence` moves a recommendation of
// scaling.hpp to what lost less, where there is enough to go by.
//
// The rows are compiled into the library; src/atlas/README.md says where they come from. Pure
// functions of values, safe from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/optimizers.hpp"
#include "etalon/scaling.hpp"

namespace etalon {

// What a rule lost at a batch size: its loss less the least of those measured there with η alone
// moved, in units of the source's loss. Never below 0 of a rule that moves η alone; infinity: it
// diverged.
struct RuleLoss {
  double loss = 0.0;
  // Its η lies beyond the learning rates that were run, where the loss rises on: it lost no less.
  bool at_least = false;

  static RuleLoss diverged() { return {std::numeric_limits<double>::infinity(), false}; }
  bool operator==(const RuleLoss&) const = default;
};

// The rules that the atlas follows, by their names in scaling.hpp: η' = κ^power η.
struct AtlasRule {
  std::string_view name;
  double power;
  bool is_plain;  // moves η alone, so that a sweep of η tells what it lost
};
inline constexpr std::array<AtlasRule, 4> kAtlasRules = {
    {{"fixed", 0.0, true}, {"sqrt", 0.5, true}, {"linear", 1.0, true}, {"sde-power", 0.5, false}}};

// What the runs of a pair have in common. Every rule of scaling.hpp but AdaScale is for examples;
// with a number of steps the best learning rate rises far more slowly.
enum class HeldBudget { examples, steps };

struct AtlasPair {
  std::string source;   // "Step Law"
  std::string url;      // "arXiv:2503.04715"
  std::string setting;  // of that source
  HeldBudget budget = HeldBudget::examples;
  OptimizerFamily optimizer = OptimizerFamily::sgd;
  double from_batch = 0.0;  // > 0, and not `to_batch`
  double to_batch = 0.0;    // > 0
  double lr_from = 0.0;     // the best at `from_batch`, > 0
  double lr_to = 0.0;       // the best at `to_batch`, > 0
  // Whether that is the edge of what was run, so that the best may lie beyond.
  bool is_from_edge = false;
  bool is_to_edge = false;
  double best_loss = 0.0;  // the least measured at `to_batch`
  // By rule, in the order of kAtlasRules; empty: not known.
  std::array<std::optional<RuleLoss>, kAtlasRules.size()> losses{};

  double kappa() const { return to_batch / from_batch; }
  // ln(lr_to / lr_from) / ln κ; empty where either is an edge.
  std::optional<double> exponent() const;
  bool operator==(const AtlasPair&) const = default;
};

// The rows compiled in.
std::span<const AtlasPair> atlas();

// The table as text: CSV without quotes, a header line first. Throws InputError naming line and
// column of what is no such table; `write_atlas` writes what `parse_atlas` reads back to five
// digits.
std::vector<AtlasPair> parse_atlas(std::string_view csv);
std::string write_atlas(std::span<const AtlasPair> pairs);

struct AtlasQuery {
  // Rows of optimizers of its kind match (see optimizers.hpp: the same update, layerwise or not,
  // by a mean square or not).
  OptimizerFamily optimizer = OptimizerFamily::sgd;
  HeldBudget budget = HeldBudget::examples;
  double kappa = 1.0;       // > 0; at 1 nothing matches
  double factor = 1.5;      // rows whose κ lies within this factor match, > 1
  double tolerance = 0.02;  // a loss above it counts as lost, > 0; that of `etalon study`
  std::string leave_out{};  // a source that is not asked, to score what the others say
  void validate() const;    // throws InputError naming field, value and constraint
};

struct SourceCount {
  std::string source;
  std::string url;
  std::size_t settings = 0;
  std::size_t pairs = 0;
};

struct SourceShare {
  std::string source;
  std::size_t settings = 0;
  double share_lost = 0.0;  // as in RuleRecord, of this source
};

struct RuleRecord {
  std::string_view rule;
  std::size_t sources = 0;   // that tell what it lost
  std::size_t settings = 0;  // of them
  double share_lost = 0.0;   // of settings in which it lost more than the tolerance, in [0, 1]
  RuleLoss median;
  RuleLoss worst;
  std::vector<SourceShare> by_source;  // by name
};

struct ExponentSpread {
  std::size_t sources = 0;
  std::size_t settings = 0;
  double low = 0.0;  // the 10th, 50th and 90th percentile over settings
  double median = 0.0;
  double high = 0.0;
};

struct AtlasEvidence {
  AtlasQuery query;
  std::vector<SourceCount> sources;        // that match, those with the most settings first
  std::vector<RuleRecord> rules;           // in the order of kAtlasRules, those with a record
  std::optional<ExponentSpread> exponent;  // empty where no optimum lies inside what was run

  std::size_t settings() const;
  const RuleRecord* record_of(std::string_view rule) const;  // null: none
};

AtlasEvidence gather_evidence(std::span<const AtlasPair> pairs, const AtlasQuery& query);

// The same; where fewer than two sources go as far as `query.kappa`, at the nearest κ towards 1, by
// halving or doubling it, that two reach. The evidence's own query says which. At the κ asked for
// where no two sources reach any.
AtlasEvidence gather_nearest_evidence(std::span<const AtlasPair> pairs, const AtlasQuery& query);

// What to believe of d ln η*/d ln B in a setting whose runs do not tell.
struct ExponentBelief {
  double mean = 0.0;
  double deviation = 0.0;  // of a setting of yet another source about it
  std::size_t sources = 0;
  std::size_t settings = 0;
};

// From rows of optimizers of the same update, layerwise or not, whose batch sizes lie far enough
// apart that an exponent is more than the error of two optima. Sources weigh alike, and as much as
// one of them weighs what is believed without any: an exponent from 0, a learning rate that never
// moves, to 1, the linear rule. The deviation is that of settings within a source and of sources
// from one another, of which so few tell little.
ExponentBelief believed_exponent(std::span<const AtlasPair> pairs, OptimizerFamily optimizer,
                                 HeldBudget budget = HeldBudget::examples,
                                 std::string_view leave_out = "");

// Moves `comparison.recommended` to what the evidence speaks for, if there is enough of it: two
// sources and five settings that tell what the recommended rule's move of η lost. It becomes
// - a plain rule that lost more than the tolerance less often in every source that tells of both,
//   and over all of them by a tenth of the settings or more;
// - else the plain rule that moves η as the derivation does, where the derivation moves more than η
//   and either nobody tried that, or who did lost more often by it, by a tenth or more. Who tried
//   had the optimizer's usual betas, so that a `base` with others keeps to the derivation.
// The reason says what was found, or that there is not enough and the recommendation a derivation
// alone. A noise scale, which is of the user's own workload, outweighs what happened elsewhere.
// Rule linear, of an optimizer that it was not derived for, is warned of by what it lost there.
void follow_evidence(RuleComparison& comparison, const AtlasEvidence& evidence, const Recipe& base,
                     const ScaleOptions& options);

}  // namespace etalon
