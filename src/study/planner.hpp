// Which trials a study runs next.
//
// `plan_round` is a pure function of the options and of the set of trials finished so far, whatever
// their order: first the base batch size's optimum is found; then every rule's learning rate is
// (or recipe) is tried at every other batch size; then all batch sizes search for their own optimum
// side by side, starting from those of the rules' trials that move the learning rate alone. No
// trial is ever planned twice.
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

// The next round; empty when the study is complete. Only trials that finished or diverged count.
std::vector<PlannedTrial> plan_round(const StudyOptions& options,
                                     std::span<const TrialRecord> trials);

// The trials of one batch size that move just `moved` besides the learning rate, as observations in
// order of (lr, seed). Where it is empty they are the batch size's sweep.
std::vector<Observation> observations_at(std::span<const TrialRecord> trials,
                                         std::int64_t batch_size, const MovedSettings& moved = {});

// The tried learning rate of least mean loss at the base batch size; empty if all diverged so far.
std::optional<double> find_base_lr(const StudyOptions& options,
                                   std::span<const TrialRecord> trials);

}  // namespace etalon
