#include "study/search.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {
namespace {

constexpr int kOctave = Lattice::kOctave;
constexpr int kHalfOctave = Lattice::kHalfOctave;
constexpr int kFirstOctaves = 2;      // of the first grid, to either side of the centre
constexpr int kReplicated = 2;        // half-octaves to either side of the best
constexpr std::ptrdiff_t kWorse = 2;  // points on either side of an interior optimum

// The first seed that did not fail at `lr`; empty where all did, or where nobody would train with
// it.
std::optional<std::uint64_t> first_seed_at(double lr, const SearchHistory& history,
                                           const SearchOptions& options) {
  if (!is_valid_lr(lr)) return std::nullopt;
  for (std::int64_t replicate = 0; replicate < options.seeds; ++replicate) {
    const std::uint64_t seed = options.first_seed + static_cast<std::uint64_t>(replicate);
    const auto& failed = history.failed;
    if (std::find(failed.begin(), failed.end(), SearchRequest{lr, seed}) == failed.end()) {
      return seed;
    }
  }
  return std::nullopt;
}

// Of a search that has no observation yet.
std::vector<SearchRequest> first_requests(std::span<const double> lrs, const SearchHistory& history,
                                          const SearchOptions& options) {
  std::vector<SearchRequest> requests;
  for (const double lr : lrs) {
    if (const auto seed = first_seed_at(lr, history, options)) requests.push_back({lr, *seed});
  }
  return requests;
}

class Search {
 public:
  Search(const SearchHistory& history, const SearchOptions& options)
      : history_(history),
        options_(options),
        all_(history.observations),
        table_(without_contradictions(history.observations)) {}

  std::vector<SearchRequest> begin(std::span<const double> lrs) {
    if (!table_.best()) return descend();
    for (const double lr : lrs) {
      if (allowed(lr)) want_one_seed(lr);
    }
    return requests_.empty() ? next() : requests_;
  }

  std::vector<SearchRequest> next() {
    if (!table_.best()) return descend();
    best_ = half_octave_at_or_below(table_.lr(*table_.best()));
    for (int octave = 1; octave <= options_.octaves_around_best; ++octave) {
      want_first_seed(best_ - octave * kOctave);
      want_first_seed(best_ + octave * kOctave);
      if (!requests_.empty()) return requests_;
    }
    for (int step = -1; step <= 1; ++step) want_first_seed(best_ + step * kHalfOctave);
    approach_divergence();
    if (!requests_.empty()) return requests_;
    // From the inside out: the best may move once its neighbours have every seed, and the
    // half-octave that it leaves behind is then not replicated for nothing.
    for (int reach = 1; reach <= kReplicated; ++reach) {
      for (int step = -reach; step <= reach; ++step) {
        want_all_seeds(options_.lattice.lr(best_ + step * kHalfOctave));
      }
      want_all_seeds(table_.lr(*table_.best()));
      if (!requests_.empty()) return requests_;
    }
    pass_ties();
    return requests_;
  }

 private:
  int half_octave_at_or_below(double lr) const {
    const int k = options_.lattice.nearest(lr);
    return k - ((k % kHalfOctave) + kHalfOctave) % kHalfOctave;
  }

  std::uint64_t seed(std::int64_t replicate) const {
    return options_.first_seed + static_cast<std::uint64_t>(replicate);
  }

  bool tried(const SearchRequest& request) const {
    const auto gave = [&](const Observation& o) {
      return o.lr == request.lr && o.seed == request.seed;
    };
    return std::any_of(history_.observations.begin(), history_.observations.end(), gave) ||
           std::count(history_.failed.begin(), history_.failed.end(), request) > 0;
  }

  // Not beyond the limit, and below every learning rate that diverged above the best.
  bool allowed(double lr) const {
    const int limit = options_.limit_octaves * kOctave;
    const double divergence =
        table_.divergence_above(*table_.best()).value_or(std::numeric_limits<double>::infinity());
    return lr >= options_.lattice.lr(-limit) && lr <= options_.lattice.lr(limit) && lr < divergence;
  }

  void want_one_seed(double lr) {
    if (all_.row_of(lr)) return;
    if (const auto seed = first_seed_at(lr, history_, options_)) requests_.push_back({lr, *seed});
  }

  void want_first_seed(int k) {
    const double lr = options_.lattice.lr(k);
    if (allowed(lr)) want_one_seed(lr);
  }

  void want_all_seeds(double lr) {
    if (!all_.row_of(lr)) return;
    const auto row = table_.row_of(lr);
    if (row && table_.diverged(*row)) return;
    for (std::int64_t replicate = 0; replicate < options_.seeds; ++replicate) {
      const SearchRequest request{lr, seed(replicate)};
      const bool requested = std::count(requests_.begin(), requests_.end(), request) > 0;
      if (!requested && !tried(request)) requests_.push_back(request);
    }
  }

  // Halves the gap between the best and a divergence at most half an octave above it.
  void approach_divergence() {
    const std::size_t best = *table_.best();
    const bool next = best + 1 < table_.rows() && table_.diverged(best + 1);
    if (!next) return;
    const int low = options_.lattice.nearest(table_.lr(best));
    const int high = options_.lattice.nearest(table_.lr(best + 1));
    if (high - low > 1 && high - low <= kHalfOctave) want_first_seed(low + (high - low) / 2);
  }

  // Everything diverged so far: an octave and two below.
  std::vector<SearchRequest> descend() {
    const int lowest = options_.lattice.nearest(table_.lr(0));
    for (const int k : {lowest - kOctave, lowest - 2 * kOctave}) {
      if (k >= -options_.limit_octaves * kOctave) want_one_seed(options_.lattice.lr(k));
    }
    return requests_;
  }

  // Points that merely equal the best do not bracket it: goes on by octaves past them.
  void pass_ties() {
    std::ptrdiff_t worse_below = 0, worse_above = 0;
    const std::size_t best = *table_.best();
    const double least = *table_.means()[best];
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const bool worse = table_.means()[row] && *table_.means()[row] > least;
      if (worse) ++(row < best ? worse_below : worse_above);
    }
    if (worse_below < kWorse) {
      want_first_seed(options_.lattice.nearest(table_.lr(table_.lowest_finite())) - kOctave);
    }
    if (worse_above < kWorse && !table_.divergence_above(best)) {
      want_first_seed(options_.lattice.nearest(table_.lr(table_.highest_finite())) + kOctave);
    }
  }

  const SearchHistory& history_;
  const SearchOptions& options_;
  LossTable all_;
  LossTable table_;  // less the divergences that are contradicted, which bound nothing
  int best_ = 0;
  std::vector<SearchRequest> requests_;
};

}  // namespace

std::vector<SearchRequest> begin_search(const SearchHistory& history, std::span<const double> lrs,
                                        const SearchOptions& options) {
  if (history.observations.empty()) return first_requests(lrs, history, options);
  return Search(history, options).begin(lrs);
}

std::vector<SearchRequest> next_of_search(const SearchHistory& history,
                                          const SearchOptions& options) {
  if (!history.observations.empty()) return Search(history, options).next();
  std::vector<double> lrs;
  for (int octave = -kFirstOctaves; octave <= kFirstOctaves; ++octave) {
    lrs.push_back(options.lattice.lr(octave * kOctave));
  }
  return first_requests(lrs, history, options);
}

}  // namespace etalon
