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
};

struct RangeLandmarks {
  // The start of the fall: from here on the loss lies a tenth of its whole fall below where it
  // started, up to the least loss.
  double falls_from = 0.0;
  double falls_fastest = 0.0;  // the least slope in ln η from there to the least loss
  double least = 0.0;          // of the loss
  // The last one, after the least loss, that is within a tenth of the fall of it.
  double stable_to = 0.0;
  bool stays_stable = false;  // no higher one was seen to be worse: `stable_to` is a bound
  std::size_t least_at = 0;   // the index of `least`
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
  double lr = 0.0;
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
