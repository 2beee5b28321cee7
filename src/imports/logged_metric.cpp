#include "imports/logged_metric.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "metrics/column_names.hpp"
#include "metrics/metric_text.hpp"
#include "runs/metric.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostListed = 40;

using MetricCounts = std::map<std::string, std::size_t>;  // how many runs have each

MetricCounts count_metrics(std::span<const LoggedRun> runs) {
  MetricCounts counts;
  for (const LoggedRun& run : runs) {
    for (const auto& [name, curve] : run.curves) ++counts[name];
  }
  return counts;
}

std::string name_list(const MetricCounts& counts) {
  std::vector<std::string> names;
  for (const auto& [name, count] : counts) {
    if (names.size() < kMostListed) names.push_back(shortened(name));
  }
  return fmt::format("{}{}", fmt::join(names, ", "), names.size() < counts.size() ? ", ..." : "");
}

// The loss that is trained on or the held-out one, and no part of it: "train/loss", "val_loss".
bool is_whole_loss(const std::string& name) {
  static const std::set<std::string> kWords = {
      "loss",  "train", "training", "val",   "valid", "validation", "eval", "test",   "dev",
      "epoch", "step",  "batch",    "total", "mean",  "average",    "avg",  "running"};
  const std::vector<std::string> words = words_of(name);
  return std::find(words.begin(), words.end(), "loss") != words.end() &&
         std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return kWords.contains(word); });
}

std::string spelled_metric(const MetricCounts& counts, const std::string& name,
                           const std::string& source) {
  if (counts.contains(name)) return name;
  for (const auto& [other, count] : counts) {
    if (same_metric(other, name)) return other;
  }
  throw InputError(fmt::format("no run logs '{}'", shortened(name)), source,
                   fmt::format("choose among: {}", name_list(counts)));
}

std::optional<int> rank_by_name(const std::string& name) {
  const auto sense = metric_sense_of(name);
  return sense ? std::optional(sense->rank) : std::nullopt;
}

// That of the least rank among those that at least half as many runs have as the commonest; none
// where none has a rank.
template <typename Rank>
std::optional<std::string> likeliest(const MetricCounts& counts, const Rank& rank_of) {
  std::vector<std::pair<int, std::string>> ranked;
  std::size_t commonest = 0;
  for (const auto& [name, count] : counts) {
    const auto rank = rank_of(name);
    if (!rank) continue;
    ranked.emplace_back(*rank, name);
    commonest = std::max(commonest, count);
  }
  std::erase_if(ranked, [&](const auto& each) { return 2 * counts.at(each.second) < commonest; });
  if (ranked.empty()) return std::nullopt;
  return std::min_element(ranked.begin(), ranked.end())->second;
}

// "min", "max", or "" where the run does not say it of a metric that it logs.
std::string direction_of(const std::string& metric, const LoggedRun& run) {
  const auto found = run.directions.find(metric);
  return found == run.directions.end() || !run.curves.contains(metric) ? "" : found->second;
}

bool has_direction(const std::string& metric, std::span<const LoggedRun> runs) {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const LoggedRun& run) { return !direction_of(metric, run).empty(); });
}

// Whether all runs that have one value of the setting have one direction of the metric.
bool tells_directions_apart(const std::string& setting, const std::string& metric,
                            std::span<const LoggedRun> runs) {
  std::map<std::string, std::string> directions;  // by value
  for (const LoggedRun& run : runs) {
    const auto value = run.settings.find(setting);
    const std::string direction = direction_of(metric, run);
    if (direction.empty()) continue;
    if (value == run.settings.end()) return false;
    if (directions.try_emplace(value->second, direction).first->second != direction) return false;
  }
  return 2 * directions.size() <= runs.size();
}

// "study=sweep"; "NAME=VALUE" where no setting does it.
std::string condition_of(const std::string& metric, std::span<const LoggedRun> runs,
                         const LoggedRun& run) {
  for (const auto& [name, text] : run.settings) {
    if (tells_directions_apart(name, metric, runs)) {
      return fmt::format("{}={}", shortened(name), shortened(text));
    }
  }
  return "NAME=VALUE";
}

[[noreturn]] void refuse_directions(const std::string& metric, std::span<const LoggedRun> runs,
                                    const LoggedRun& run, const LoggedRun& other) {
  const std::string condition = condition_of(metric, runs, run);
  throw InputError(
      fmt::format("'{}' is to be {}imized in some of the runs, and {}imized in others",
                  shortened(metric), direction_of(metric, run), direction_of(metric, other)),
      run.directory.string(),
      fmt::format("choose runs of one kind, such as by {} {}", field_name("where"), condition));
}

}  // namespace

std::string choose_metric(std::span<const LoggedRun> runs, const std::string& source,
                          const RequestedColumns& requested) {
  const auto counts = count_metrics(runs);
  if (requested.loss) return spelled_metric(counts, *requested.loss, source);
  if (const auto known = likeliest(counts, rank_by_name)) return *known;
  const auto rank_by_direction = [&](const std::string& name) -> std::optional<int> {
    return has_direction(name, runs) ? std::optional(held_out_rank_of(name)) : std::nullopt;
  };
  if (const auto directed = likeliest(counts, rank_by_direction)) return *directed;
  throw InputError(
      "no metric that the runs log looks like a loss", source,
      fmt::format("name it with {}, among: {}", field_name("loss_column"), name_list(counts)));
}

std::optional<MetricMode> mode_of(const std::string& metric, std::span<const LoggedRun> runs,
                                  const RequestedColumns& requested) {
  if (requested.mode) return requested.mode;
  const LoggedRun* first = nullptr;
  for (const LoggedRun& run : runs) {
    const std::string direction = direction_of(metric, run);
    if (direction.empty()) continue;
    if (first == nullptr) first = &run;
    if (direction != direction_of(metric, *first)) refuse_directions(metric, runs, *first, run);
  }
  if (first == nullptr) return std::nullopt;
  return direction_of(metric, *first) == "max" ? MetricMode::maximized : MetricMode::minimized;
}

const LoggedCurve* find_curve(const LoggedRun& run, const std::string& name) {
  const auto exact = run.curves.find(name);
  if (exact != run.curves.end()) return &exact->second;
  for (const auto& [other, curve] : run.curves) {
    if (same_metric(other, name)) return &curve;
  }
  return nullptr;
}

bool has_diverged(const LoggedRun& run, const std::string& metric) {
  const LoggedCurve* measured = find_curve(run, metric);
  const bool is_measured = measured != nullptr && !measured->empty();
  if (is_measured && !is_valid_loss(measured->back().value)) return true;
  return std::any_of(run.curves.begin(), run.curves.end(), [&](const auto& each) {
    const auto& [name, curve] = each;
    if (curve.empty() || !is_whole_loss(name) || is_valid_loss(curve.back().value)) return false;
    return !is_measured || curve.back().step >= measured->back().step;
  });
}

}  // namespace etalon
