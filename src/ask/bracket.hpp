// The first learning rates, before there is enough to fit anything: a bracket around the best.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>

#include "etalon/trial.hpp"

namespace etalon {

// Whether `a` and `b` differ by less than a quarter of an octave.
bool close_lrs(double a, double b);

// `lr` in three digits. Throws InputError unless it lies below `ceiling`, the lowest that diverged.
double below_ceiling(std::int64_t batch_size, double lr, double ceiling);

// The next run of the bracket at `batch_size` with this seed: the best learning rate there (or
// elsewhere, moved by the root rule; or else `first_lr`), then two octaves to either side, one,
// three, ... below what diverged, and none beyond one that is known to be worse than the best.
// Nothing once all of these are among `taken`, the runs known or pending.
std::optional<TrialSpec> left_of_bracket(std::span<const Observation> known,
                                         const std::set<TrialSpec>& taken, std::int64_t batch_size,
                                         double first_lr, std::uint64_t seed);

// The same with `first_seed`, or with the next one that leaves something.
// Throws InputError where the lowest learning rate there is diverged.
TrialSpec next_of_bracket(std::span<const Observation> known, const std::set<TrialSpec>& taken,
                          std::int64_t batch_size, double first_lr, std::uint64_t first_seed);

}  // namespace etalon
