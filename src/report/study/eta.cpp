#include "report/study/eta.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include "study/rules.hpp"

namespace etalon {
namespace {

// What a search takes before one has been seen: some octaves and half-octaves with the first seed,
// then the other seeds on the five learning rates around the best.
double typical_search(std::int64_t seeds) { return 8.0 + 5.0 * static_cast<double>(seeds - 1); }

double effective_jobs(std::int64_t jobs) {
  if (jobs > 0) return static_cast<double>(jobs);
  return std::max(1.0, static_cast<double>(std::thread::hardware_concurrency()));
}

// Elsewhere than at the base batch size two seeds begin, where that has all of them.
constexpr std::int64_t kBeginning = 2;
double fewer_seeds(const StudyOptions& options) {
  return 5.0 * static_cast<double>(std::max(options.seeds - kBeginning, std::int64_t{0}));
}

// Of all rules at one batch size. About half of those that move the learning rate alone turn out to
// be trials where the search would have looked; what moves more has trials of its own.
double expected_rule_trials(const StudyOptions& options) {
  double rules = 0.0;
  for (const std::string& rule : options.rules) rules += moves_lr_alone(options, rule) ? 0.5 : 1.0;
  return rules * static_cast<double>(std::min(options.seeds, kBeginning));
}

}  // namespace

EtaEstimator::EtaEstimator(const StudyOptions& options)
    : options_(options),
      jobs_(effective_jobs(options.jobs)),
      rule_trials_(expected_rule_trials(options)) {
  for (const std::int64_t batch_size : options.batch_sizes) tallies_[batch_size] = {};
}

void EtaEstimator::plan(const TrialRecord& record) {
  if (record.stage != Stage::base) base_is_over_ = true;
  ++tallies_[record.spec.batch_size].planned;
  ++planned_;
}

void EtaEstimator::finish(const TrialRecord& record) {
  Tally& tally = tallies_[record.spec.batch_size];
  ++tally.finished;
  tally.seconds += record.result.wall_seconds;
  ++finished_;
}

double EtaEstimator::expected_at(std::int64_t batch_size, const Tally& tally) const {
  const auto planned = static_cast<double>(tally.planned);
  const bool is_base = batch_size == options_.base_batch_size;
  if (is_base && base_is_over_) return planned;
  double search = typical_search(options_.seeds);
  const auto base = tallies_.find(options_.base_batch_size);
  if (base_is_over_ && base != tallies_.end()) search = static_cast<double>(base->second.planned);
  return std::max(planned, is_base ? search : search - fewer_seeds(options_) + rule_trials_);
}

double EtaEstimator::expected_trials() const {
  double trials = 0.0;
  for (const auto& [batch_size, tally] : tallies_) trials += expected_at(batch_size, tally);
  return trials;
}

// The mean at this batch size; before there is one, that of the nearest batch size, taking a trial
// to cost as the square root of its number of steps.
double EtaEstimator::seconds_per_trial(std::int64_t batch_size) const {
  double nearest_distance = INFINITY;
  double seconds = 0.0;
  for (const auto& [other, tally] : tallies_) {
    if (tally.finished == 0) continue;
    const double ratio = static_cast<double>(other) / static_cast<double>(batch_size);
    if (std::abs(std::log(ratio)) >= nearest_distance) continue;
    nearest_distance = std::abs(std::log(ratio));
    seconds = tally.seconds / static_cast<double>(tally.finished) * std::sqrt(ratio);
  }
  return seconds;
}

std::optional<double> EtaEstimator::remaining_seconds() const {
  if (finished_ == 0) return std::nullopt;
  double seconds = 0.0;
  for (const auto& [batch_size, tally] : tallies_) {
    const double trials =
        std::max(0.0, expected_at(batch_size, tally) - static_cast<double>(tally.finished));
    seconds += trials * seconds_per_trial(batch_size);
  }
  return seconds / jobs_;
}

}  // namespace etalon
