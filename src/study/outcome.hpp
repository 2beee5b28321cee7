// What the finished trials of a study say: optima, rule outcomes, exponent and recommendations, and
// the answer in words.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "etalon/study.hpp"

namespace etalon {

// Fills in everything that follows from `options`, `trials` and `interrupted`. Batch sizes at which
// nothing ran, or every run diverged, have no optimum; rules that were not run there no outcome.
void evaluate(StudyResult& result);

// Of that, base learning rate, optima and outcomes of the rules alone.
void judge(StudyResult& result);

// The objective before the first step at this batch size, where curves begin there: what is the
// objective at a curve's end, at its beginning, on average over the seeds, which count alike though
// some ran at more learning rates. Empty where no curve tells.
std::optional<double> untrained_loss(std::span<const TrialRecord> trials, std::int64_t batch_size);

// The answer in a few sentences that are true of the estimates, whatever they are. From `options`,
// `trials`, `optima`, `rules`, `exponent` and `interrupted`.
std::string conclude(const StudyResult& result);

// What is said in it of trials that failed; empty where none did.
std::string failed_sentences(const StudyResult& result);

// The learning rates that are compared: those that ran to their end with more than one seed at some
// batch size and moved nothing else.
std::set<double> compared_lrs(std::span<const TrialRecord> trials);

// How many trials a plain grid would have taken instead: every learning rate that ran with more
// than one seed at some batch size, at every batch size, with `seeds` of them. Learning rates that
// only helped to find these, or diverged, are not counted.
std::int64_t grid_trials(const StudyResult& result);

}  // namespace etalon
