// Searches of a simulated training: what each recommends after so many runs, and what that loses.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "etalon/ask_tell.hpp"
#include "support/simulated_training.hpp"

namespace etalon::testing {

// What is known at the start: the batch sizes of interest and a guess, some octaves off.
struct SearchTask {
  SimulatedTraining training;
  std::vector<std::int64_t> batch_sizes;
  double first_lr = 0;
  UpdateKind update = UpdateKind::adaptive;
  std::uint64_t seed = 1;  // of the noise, and of random learning rates
};

// The guess is off by up to three octaves either way.
inline SearchTask search_task(SimulatedTraining training, std::vector<std::int64_t> batch_sizes,
                              UpdateKind update, std::uint64_t seed) {
  RandomStream stream(seed, "guess");
  const double best = training.optimum(static_cast<double>(batch_sizes.front()));
  return {std::move(training), std::move(batch_sizes), best * std::exp2(between(stream, -3, 3)),
          update, seed};
}

inline constexpr double kRangeOctaves = 5;  // of grids and random search, either way of the guess

class SimulatedSearch {
 public:
  explicit SimulatedSearch(const SearchTask& task) : task_(task), noise_(task.seed, "noise") {}

  void run(const TrialSpec& spec) {
    const auto batch_size = static_cast<double>(spec.batch_size);
    known_.push_back(
        {batch_size, spec.lr, spec.seed, task_.training.run(batch_size, spec.lr, noise_)});
  }

  ProposalOptions options() const {
    return {.batch_sizes = task_.batch_sizes, .update = task_.update, .first_lr = task_.first_lr};
  }
  void run_proposed() { run(propose(known_, {}, options()).spec); }

  // Mean over batch sizes of what the recommended learning rate loses.
  double regret_of_advice() const {
    const auto advice = current_advice(known_, options());
    if (advice.empty()) return regret_of_best();
    double sum = 0;
    for (const Forecast& forecast : advice) sum += capped_excess(forecast.batch_size, forecast.lr);
    return sum / static_cast<double>(advice.size());
  }
  // The same for the learning rate of the least measured loss; the guess where there is none.
  double regret_of_best() const {
    double sum = 0;
    for (const std::int64_t batch_size : task_.batch_sizes) {
      const auto size = static_cast<double>(batch_size);
      std::optional<double> least;
      double lr = task_.first_lr;
      for (const Observation& run : known_) {
        if (run.batch_size != size || !run.loss || (least && *run.loss >= *least)) continue;
        least = run.loss;
        lr = run.lr;
      }
      sum += capped_excess(size, lr);
    }
    return sum / static_cast<double>(task_.batch_sizes.size());
  }

 private:
  // A divergence or a hopeless learning rate counts as a loss of 1.
  double capped_excess(double batch_size, double lr) const {
    return std::min(task_.training.excess(batch_size, lr), 1.0);
  }

  const SearchTask& task_;
  RandomStream noise_;
  std::vector<Observation> known_;
};

// `per_batch_size` learning rates evenly spaced in ln lr around the guess.
inline SimulatedSearch grid_search(const SearchTask& task, int per_batch_size) {
  SimulatedSearch search(task);
  for (const std::int64_t batch_size : task.batch_sizes) {
    for (int i = 0; i < per_batch_size; ++i) {
      const double octaves = kRangeOctaves * (2.0 * (i + 0.5) / per_batch_size - 1);
      search.run({batch_size, task.first_lr * std::exp2(octaves), 1});
    }
  }
  return search;
}

inline SimulatedSearch random_search(const SearchTask& task, int per_batch_size) {
  SimulatedSearch search(task);
  RandomStream stream(task.seed, "random search");
  for (const std::int64_t batch_size : task.batch_sizes) {
    for (int i = 0; i < per_batch_size; ++i) {
      const double octaves = between(stream, -kRangeOctaves, kRangeOctaves);
      search.run({batch_size, task.first_lr * std::exp2(octaves), 1});
    }
  }
  return search;
}

}  // namespace etalon::testing
