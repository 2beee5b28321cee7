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

// How many runs have each.
std::map<std::string, std::size_t> count_metrics(std::span<const LoggedRun> runs) {
  std::map<std::string, std::size_t> counts;
  for (const LoggedRun& run : runs) {
    for (const auto& [name, curve] : run.curves) ++counts[name];
  }
  return counts;
}

std::string name_list(const std::map<std::string, std::size_t>& counts) {
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

}  // namespace

std::string choose_metric(std::span<const LoggedRun> runs, const std::string& source,
                          const RequestedColumns& requested) {
  const auto counts = count_metrics(runs);
  if (requested.loss) {
    if (counts.contains(*requested.loss)) return *requested.loss;
    for (const auto& [name, count] : counts) {
      if (same_metric(name, *requested.loss)) return name;
    }
    throw InputError(fmt::format("no run logs '{}'", shortened(*requested.loss)), source,
                     fmt::format("choose among: {}", name_list(counts)));
  }
  std::size_t commonest = 0;
  for (const auto& [name, count] : counts) {
    if (metric_sense_of(name)) commonest = std::max(commonest, count);
  }
  std::vector<std::pair<int, std::string>> ranked;
  for (const auto& [name, count] : counts) {
    const auto sense = metric_sense_of(name);
    if (sense && 2 * count >= commonest) ranked.emplace_back(sense->rank, name);
  }
  if (!ranked.empty()) return std::min_element(ranked.begin(), ranked.end())->second;
  throw InputError(
      "no metric that the runs log looks like a loss", source,
      fmt::format("name it with {}, among: {}", field_name("loss_column"), name_list(counts)));
}

std::optional<MetricMode> mode_of(const std::string& metric, std::span<const LoggedRun> runs,
                                  const RequestedColumns& requested) {
  if (requested.mode) return requested.mode;
  for (const LoggedRun& run : runs) {
    const auto found = run.directions.find(metric);
    if (found == run.directions.end()) continue;
    return found->second == "max" ? MetricMode::maximized : MetricMode::minimized;
  }
  return std::nullopt;
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
