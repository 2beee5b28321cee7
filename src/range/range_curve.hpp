// What one range test, or one run at each of many learning rates, says: from which learning rate on
// the loss falls, where it falls fastest, and up to which it is stable. Pure functions.
//
// Landmarks are read from losses that are smoothed on both sides alike, with the weights of a
// normal distribution over steps, so that they lag behind nothing; running averages, as tools show
// them, put everything at higher rates than it happened at.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace etalon {

struct RangeCurve {
  std::vector<double> lrs;     // ascending
  std::vector<double> losses;  // at each, finite; of a ramp, of the batch before the update
  bool blew_up = false;        // beyond the last of them
  double blew_up_at = 0.0;     // the rate at which it did
};

// A learning rate as it is read from some that were tried.
struct LrOnGrid {
  double lr = 0.0;
  // Between which rates the true one lies; empty: it may lie anywhere beyond those that were tried.
  std::optional<double> low, high;
};

struct RangeLandmarks {
  // The start of the fall: from here on the loss lies a tenth of its whole fall below where it
  // started, up to the least loss.
  LrOnGrid falls_from;  // between it and the rate below it
  // The least slope in ln η from there to the least loss; halfway between two rates, of which the
  // lower may lie below `falls_from`, which is then taken. Between the halves beside it.
  LrOnGrid falls_fastest;
  LrOnGrid least;  // of the loss; between the neighbours of what noise leaves alike
  // The last one, after the least loss, that is within a tenth of the fall of it;
  // between it and the next.
  LrOnGrid stable_to;
  std::size_t least_at = 0;  // the index of `least`
  // No higher rate was seen to be worse: `stable_to` is a bound.
  bool stays_stable() const { return !stable_to.high; }
};

struct RangeReading {
  double width = 2.0;  // of the smoothing in steps, >= 0; 0: none
  // The deviation of a single loss; empty: as it differs from the line through its neighbours,
  // which needs losses far closer together than the curve bends.
  std::optional<double> noise{};
};

// Empty for fewer than 5 losses, and where the loss does not fall by more than its noise.
std::optional<RangeLandmarks> landmarks_of(const RangeCurve& curve,
                                           const RangeReading& reading = {});

// A learning rate by a rule that people know by name.
struct RangeSuggestion {
  std::string name;  // "steepest", "valley", "minimum" or "slide"
  LrOnGrid lr;       // between its neighbours
};

// fastai's four rules, as it applies them: to running averages with γ = 0.98, without the first
// tenth and the last five of the losses.
//   steepest: the least difference of losses over that of ln η
//   valley:   halfway along the longest subsequence of falling losses
//   minimum:  a tenth of the rate of the least loss
//   slide:    from the right, where slopes 15 steps apart first agree to 0.005
// Empty for fewer than 30 losses.
std::vector<RangeSuggestion> suggestions_of(const RangeCurve& curve);

}  // namespace etalon
