// Rows of the atlas that match a question, and what they say together.
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "atlas/kinds.hpp"
#include "atlas/weighted_values.hpp"
#include "core/interval.hpp"
#include "etalon/atlas.hpp"

namespace etalon {
namespace {

constexpr double kLowShare = 0.1;
constexpr double kHighShare = 0.9;

bool matches(const AtlasPair& pair, const AtlasQuery& query) {
  if (pair.budget != query.budget || pair.source == query.leave_out ||
      !is_of_kind(pair.optimizer, query.optimizer))
    return false;
  if (query.kappa == 1.0 || (pair.kappa() > 1.0) != (query.kappa > 1.0)) return false;
  return std::abs(std::log(pair.kappa() / query.kappa)) <= std::log(query.factor) + 1e-9;
}

// Values of pairs, by setting; sources weigh alike, then settings, then pairs.
class Tally {
 public:
  void add(const AtlasPair& pair, double value) { values_[key_of(pair)].push_back(value); }

  bool empty() const { return values_.empty(); }
  std::size_t settings() const { return values_.size(); }
  std::size_t sources() const { return settings_of_sources().size(); }

  std::vector<WeightedValue> weighted() const {
    const std::map<std::string, std::size_t> settings = settings_of_sources();
    std::vector<WeightedValue> all;
    for (const auto& [key, values] : values_) {
      const double parts = static_cast<double>(settings.size() * settings.at(key.source)) *
                           static_cast<double>(values.size());
      for (const double value : values) all.push_back({value, 1.0 / parts});
    }
    return all;
  }

  // The share of each source that lies above `limit`.
  std::vector<SourceShare> shares_above(double limit) const {
    std::map<std::string, SourceShare> shares;
    for (const auto& [key, values] : values_) {
      SourceShare& share = shares[key.source];
      share.source = key.source;
      ++share.settings;
      const auto above =
          std::count_if(values.begin(), values.end(), [&](double value) { return value > limit; });
      share.share_lost += static_cast<double>(above) / static_cast<double>(values.size());
    }
    std::vector<SourceShare> all;
    for (auto& [name, share] : shares) {
      share.share_lost /= static_cast<double>(share.settings);
      all.push_back(std::move(share));
    }
    return all;
  }

 private:
  std::map<std::string, std::size_t> settings_of_sources() const {
    std::map<std::string, std::size_t> settings;
    for (const auto& [key, values] : values_) ++settings[key.source];
    return settings;
  }

  std::map<SettingKey, std::vector<double>> values_;
};

std::vector<SourceCount> count_sources(std::span<const AtlasPair* const> pairs) {
  std::map<std::string, SourceCount> counts;
  std::map<SettingKey, bool> seen;
  for (const AtlasPair* pair : pairs) {
    SourceCount& count = counts[pair->source];
    count.source = pair->source;
    count.url = pair->url;
    ++count.pairs;
    count.settings += seen.emplace(key_of(*pair), true).second;
  }
  std::vector<SourceCount> sources;
  sources.reserve(counts.size());
  for (auto& [name, count] : counts) sources.push_back(std::move(count));
  std::stable_sort(sources.begin(), sources.end(), [](const SourceCount& a, const SourceCount& b) {
    return a.settings > b.settings;
  });
  return sources;
}

// Whether the value of `loss` stands for rows that lost no less than it, as far as any does.
bool is_bound(std::span<const AtlasPair* const> pairs, std::size_t rule, double loss) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const AtlasPair* pair) {
    return pair->losses[rule] && pair->losses[rule]->loss == loss && pair->losses[rule]->at_least;
  });
}

// A loss that is a lower bound of no more than the tolerance does not tell.
bool tells(const std::optional<RuleLoss>& loss, double tolerance) {
  return loss && (!loss->at_least || loss->loss > tolerance);
}

std::optional<RuleRecord> record(std::span<const AtlasPair* const> pairs, std::size_t rule,
                                 double tolerance) {
  Tally losses;
  for (const AtlasPair* pair : pairs) {
    if (tells(pair->losses[rule], tolerance)) losses.add(*pair, pair->losses[rule]->loss);
  }
  if (losses.empty()) return std::nullopt;
  RuleRecord found;
  found.rule = kAtlasRules[rule].name;
  found.sources = losses.sources();
  found.settings = losses.settings();
  found.by_source = losses.shares_above(tolerance);
  for (const SourceShare& share : found.by_source) {
    found.share_lost += share.share_lost / static_cast<double>(found.sources);
  }
  const std::vector<WeightedValue> all = losses.weighted();
  found.worst.loss = weighted_quantile(all, 1.0);
  found.median.loss = weighted_quantile(all, 0.5);
  found.median.at_least = is_bound(pairs, rule, found.median.loss);
  found.worst.at_least = is_bound(pairs, rule, found.worst.loss);
  return found;
}

std::optional<ExponentSpread> spread_of_exponents(std::span<const AtlasPair* const> pairs) {
  Tally exponents;
  for (const AtlasPair* pair : pairs) {
    if (const auto exponent = pair->exponent()) exponents.add(*pair, *exponent);
  }
  if (exponents.empty()) return std::nullopt;
  const std::vector<WeightedValue> all = exponents.weighted();
  return ExponentSpread{exponents.sources(), exponents.settings(),
                        weighted_quantile(all, kLowShare), weighted_quantile(all, 0.5),
                        weighted_quantile(all, kHighShare)};
}

}  // namespace

void AtlasQuery::validate() const {
  check_in("kappa", kappa, kPositive);
  check_in("factor", factor, {.least = 1.0, .has_least = false});
  check_in("tolerance", tolerance, kPositive);
}

std::size_t AtlasEvidence::settings() const {
  std::size_t sum = 0;
  for (const SourceCount& source : sources) sum += source.settings;
  return sum;
}

const RuleRecord* AtlasEvidence::record_of(std::string_view rule) const {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const RuleRecord& each) { return each.rule == rule; });
  return found == rules.end() ? nullptr : &*found;
}

AtlasEvidence gather_evidence(std::span<const AtlasPair> pairs, const AtlasQuery& query) {
  query.validate();
  std::vector<const AtlasPair*> matching;
  for (const AtlasPair& pair : pairs) {
    if (matches(pair, query)) matching.push_back(&pair);
  }
  AtlasEvidence evidence;
  evidence.query = query;
  evidence.sources = count_sources(matching);
  for (std::size_t rule = 0; rule < kAtlasRules.size(); ++rule) {
    if (auto found = record(matching, rule, query.tolerance)) evidence.rules.push_back(*found);
  }
  evidence.exponent = spread_of_exponents(matching);
  return evidence;
}

AtlasEvidence gather_nearest_evidence(std::span<const AtlasPair> pairs, const AtlasQuery& query) {
  constexpr std::size_t kLeastSources = 2;
  AtlasEvidence asked = gather_evidence(pairs, query);
  if (asked.sources.size() >= kLeastSources) return asked;
  const double step = query.kappa > 1.0 ? 0.5 : 2.0;
  AtlasQuery nearer = query;
  while (std::abs(std::log2(nearer.kappa)) >= 2.0) {
    nearer.kappa *= step;
    AtlasEvidence found = gather_evidence(pairs, nearer);
    if (found.sources.size() >= kLeastSources) return found;
  }
  return asked;
}

}  // namespace etalon
