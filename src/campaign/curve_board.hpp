// The curves of a campaign's trials, by batch size, and which of those under way are to be pruned.
//
// A trial is looked at when it has come a hundredth of the budget further, so that a program that
// says its loss thousands of times a second costs no more. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "etalon/pruning.hpp"
#include "etalon/store.hpp"

namespace etalon {

class CurveBoard {
 public:
  // What is stored of a trial: its curve, and what it came to.
  void restore(const TrialRecord& record);
  // It begins, with nothing said so far.
  void begin(const TrialRecord& record);
  void hear(const TrialRecord& record, const CurvePoint& point);
  // With what `restore` would say of it.
  void end(const TrialRecord& record) { restore(record); }

  std::optional<Pruning> judge(const TrialRecord& record, const PruningOptions& options);
  // As far as it has come.
  const std::vector<CurvePoint>& curve(const TrialRecord& record) const;
  // Of the budget, as its curve has it; 1 where that is not known.
  double share(const TrialRecord& record) const;

 private:
  struct BatchSize {
    std::vector<TrialCurve> curves;
    std::map<std::int64_t, std::size_t> places;  // by id
    std::vector<double> judged_at;
  };

  TrialCurve& curve_of(const TrialRecord& record);

  std::map<std::int64_t, BatchSize> batch_sizes_;
};

}  // namespace etalon
