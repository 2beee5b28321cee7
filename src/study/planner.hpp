// Which trials a study runs next.
//
// `plan_round` is a pure function of the options and of the set of trials that have ended so far,
// whatever their order: first the base batch size's optimum is found; then every rule's learning
// rate (or recipe) is tried at every other batch size; then all batch sizes search for their own
// optimum side by side, starting where an `Advisor` expects it by those trials so far that move the
// learning rate alone; and at last further seeds go where a verdict is open or an optimum is wide,
// as long as they may tell (verdict_seeds.hpp); and where a whole grid is asked for, it is filled
// in. No trial is ever planned twice, nor one that failed; a batch size at which nothing but
// failures came of a few trials is left out from then on.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

struct PlannedTrial {
  Stage stage = Stage::base;
  TrialSpec spec;
};

// The next round; empty when the study is complete. Trials that failed say nothing and are done
// with; those in any other state than finished and diverged do not count.
std::vector<PlannedTrial> plan_round(const StudyOptions& options,
                                     std::span<const TrialRecord> trials);

// The trials of one batch size that move just `moved` besides the learning rate, as observations in
// order of (lr, seed). Where it is empty they are the batch size's sweep.
std::vector<Observation> observations_at(std::span<const TrialRecord> trials,
                                         std::int64_t batch_size, const MovedSettings& moved = {});

// Whether trials at this batch size only fail, so that no more are planned.
bool is_left_out(std::span<const TrialRecord> trials, std::int64_t batch_size);

// The tried learning rate of least mean loss at the base batch size; empty if all diverged so far.
std::optional<double> find_base_lr(const StudyOptions& options,
                                   std::span<const TrialRecord> trials);

}  // namespace etalon
