// What methods lose on cases, and whether their intervals hold.
//
// Regret is in units of the loss, against the least that was measured at the batch size. Where the
// best learning rate is the lowest or the highest that was run, the optimum is not known: such
// cases count for the regret alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advice/cases.hpp"
#include "advice/methods.hpp"

namespace etalon::bench {

struct Score {
  std::string method;
  std::vector<double> regrets;  // one per case
  std::vector<Answer> answers;  // likewise; η left unchanged where there is none
  std::vector<double> biases;   // log2 of advised η over the optimum, a parabola's
  std::vector<double> widths;   // of intervals, in octaves
  int held = 0;                 // intervals that hold the best measured η
  int refused = 0;              // cases without an answer, where η was left unchanged
};

// Every method on every case, on all processors. `methods` begins with the one that stands in where
// another has no answer.
std::vector<Score> score_methods(std::span<const Case> cases, std::span<const Method> methods);

void print_scores(const std::string& task, std::span<const Score> scores);

// A line a case: what is known, the best that was measured, and each method's η with its regret.
void print_cases(std::span<const Case> cases, std::span<const Score> scores);

// The cases of all families as one table.
std::vector<Score> pooled(std::span<const std::vector<Score>> families);

}  // namespace etalon::bench
