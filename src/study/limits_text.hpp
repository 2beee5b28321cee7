// What holds the learning rates of a study down, in words.
#pragma once

#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

// Where a rule first fails on one side of the base batch size, and by which limit.
struct RuleBreak {
  const RuleOutcome* outcome = nullptr;  // of the result
  HeldBy limit = HeldBy::cannot_tell;
};

// Of each rule in turn, below the base and above it; none of rules that do not fail there. The
// result must have limits and outlive them.
std::vector<RuleBreak> rule_breaks(const StudyResult& result);

// The limits, which holds the best learning rate where, and by which each rule breaks. Empty where
// nothing was measured or learned.
std::string limits_text(const StudyResult& result);

}  // namespace etalon
