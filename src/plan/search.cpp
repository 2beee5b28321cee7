#include "plan/search.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "etalon/bounds.hpp"
#include "plan/gaps.hpp"
#include "plan/known_runs.hpp"
#include "plan/replicates.hpp"

namespace etalon {
namespace {

constexpr int kOctave = Lattice::kOctave;
constexpr int kHalfOctave = Lattice::kHalfOctave;
constexpr int kFirstOctaves = 2;      // of the first grid, to either side of the centre
constexpr std::ptrdiff_t kWorse = 2;  // points on either side of an interior optimum
constexpr double kHalf = 0.5;         // of an octave
constexpr double kEighth = 0.13;      // of an octave, with room for rounding
constexpr double kSettledOctaves = 1.0;

// The first seed that did not fail at `lr`; empty where all did, or where nobody would train with
// it.
std::optional<std::uint64_t> first_seed_at(double lr, const SearchHistory& history,
                                           const SearchOptions& options) {
  if (!is_valid_lr(lr)) return std::nullopt;
  for (std::int64_t replicate = 0; replicate < options.seeds; ++replicate) {
    const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(replicate);
    const auto& failed = history.failed;
    if (std::find(failed.begin(), failed.end(), RunPoint{lr, seed}) == failed.end()) return seed;
  }
  return std::nullopt;
}

// Of a search that has no observation yet.
std::vector<RunPoint> first_requests(std::span<const double> lrs, const SearchHistory& history,
                                     const SearchOptions& options) {
  std::vector<RunPoint> requests;
  for (const double lr : lrs) {
    if (const auto seed = first_seed_at(lr, history, options)) requests.push_back({lr, *seed});
  }
  return requests;
}

class Search {
 public:
  Search(const SearchHistory& history, const SearchOptions& options)
      : history_(history), options_(options), runs_(history.observations, history.failed) {}

  std::vector<RunPoint> begin(std::span<const double> lrs) {
    if (!runs_.best()) return descend();
    for (const double lr : lrs) {
      if (allowed(lr)) want_one_seed(lr);
    }
    return requests_.empty() ? next() : requests_;
  }

  std::vector<RunPoint> next() {
    if (!runs_.best()) return descend();
    best_ = half_octave_at_or_below(*runs_.best());
    for (int octave = 1; octave <= options_.octaves_around_best; ++octave) {
      want_loss_beyond(-octave * kOctave);
      want_loss_beyond(octave * kOctave);
      if (!requests_.empty()) return requests_;
    }
    for (int step = -1; step <= 1; ++step) want_first_seed(best_ + step * kHalfOctave);
    approach_divergence();
    if (!requests_.empty()) return requests_;
    replicate();
    if (requests_.empty()) pass_ties();
    return requests_;
  }

 private:
  int half_octave_at_or_below(double lr) const {
    const int k = options_.lattice.nearest(lr);
    return k - ((k % kHalfOctave) + kHalfOctave) % kHalfOctave;
  }

  // Not beyond the limit, and below every learning rate that diverged.
  bool allowed(double lr) const {
    const int limit = options_.limit_octaves * kOctave;
    return lr >= options_.lattice.lr(-limit) && lr <= options_.lattice.lr(limit) &&
           lr < runs_.ceiling();
  }

  void want_one_seed(double lr) {
    if (runs_.was_run(lr)) return;
    if (const auto seed = first_seed_at(lr, history_, options_)) requests_.push_back({lr, *seed});
  }

  void want_first_seed(int k) {
    const double lr = options_.lattice.lr(k);
    if (allowed(lr)) want_one_seed(lr);
  }

  // The first seed so far from the best, unless something has a loss there or half an octave
  // beyond: what a rule ran between the search's own octaves bounds the optimum as well.
  void want_loss_beyond(int away) {
    const int beyond = away + (away < 0 ? -kHalfOctave : kHalfOctave);
    const auto [low, high] =
        std::minmax({options_.lattice.lr(best_ + away), options_.lattice.lr(best_ + beyond)});
    const auto& losses = runs_.losses();
    const bool has_loss = std::any_of(losses.lower_bound(low), losses.upper_bound(high),
                                      [](const auto& run) { return std::isfinite(run.second); });
    if (!has_loss) want_first_seed(best_ + away);
  }

  // From the inside out: the best may move once its neighbours have every seed, and the half-octave
  // that it leaves behind is then not replicated for nothing.
  void replicate() {
    const SeedRange seeds{options_.first_seed, options_.replicates};
    for (int reach = 1; reach <= options_.replicated_half_octaves; ++reach) {
      requests_ = missing_seeds(runs_, around_best(runs_, kHalf * reach), seeds);
      if (!requests_.empty()) return;
    }
    requests_ = to_settle(runs_, {options_.first_seed, options_.seeds}, kSettledOctaves);
  }

  void approach_divergence() {
    const auto middle = below_divergence(runs_, kEighth);
    const bool is_near = middle && *middle / *runs_.best() <= std::exp2(0.5 * kHalf + kEighth / 2);
    if (is_near) want_first_seed(options_.lattice.nearest(*middle));
  }

  // Everything diverged so far: an octave and two below.
  std::vector<RunPoint> descend() {
    const int lowest = options_.lattice.nearest(runs_.losses().begin()->first);
    for (const int k : {lowest - kOctave, lowest - 2 * kOctave}) {
      if (k >= -options_.limit_octaves * kOctave) want_one_seed(options_.lattice.lr(k));
    }
    return requests_;
  }

  // Points that merely equal the best do not bracket it: goes on by octaves past them.
  void pass_ties() {
    std::ptrdiff_t worse_below = 0, worse_above = 0;
    for (const auto& [lr, loss] : runs_.losses()) {
      if (!std::isfinite(loss) || loss <= runs_.least()) continue;
      ++(lr < *runs_.best() ? worse_below : worse_above);
    }
    if (worse_below < kWorse) {
      want_first_seed(options_.lattice.nearest(runs_.lowest()) - kOctave);
    }
    if (worse_above < kWorse && std::isinf(runs_.ceiling())) {
      want_first_seed(options_.lattice.nearest(runs_.highest()) + kOctave);
    }
  }

  const SearchHistory& history_;
  const SearchOptions& options_;
  KnownRuns runs_;
  int best_ = 0;
  std::vector<RunPoint> requests_;
};

}  // namespace

std::vector<RunPoint> begin_search(const SearchHistory& history, std::span<const double> lrs,
                                   const SearchOptions& options) {
  if (history.observations.empty()) return first_requests(lrs, history, options);
  return Search(history, options).begin(lrs);
}

std::vector<RunPoint> next_of_search(const SearchHistory& history, const SearchOptions& options) {
  if (!history.observations.empty()) return Search(history, options).next();
  std::vector<double> lrs;
  for (int octave = -kFirstOctaves; octave <= kFirstOctaves; ++octave) {
    lrs.push_back(options.lattice.lr(octave * kOctave));
  }
  return first_requests(lrs, history, options);
}

}  // namespace etalon
