// What a training prints: progress while it runs, the result at its end. Every function may be
// called for a training that is under way.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "train/training_run.hpp"

namespace etalon {

// One line on a terminal, redrawn; elsewhere a plain line at each evaluation. Nothing when quiet.
class TrainProgress {
 public:
  TrainProgress(std::FILE* stream, bool quiet);
  // After each step; cheap where there is nothing to draw.
  void on_step(const TrainingRun& run);
  void on_point(const TrainingRun& run);
  // Takes the line away.
  void finish();

 private:
  void draw(const TrainingRun& run, double seconds);
  std::string eta(const TrainingRun& run, double seconds) const;

  std::FILE* stream_;
  bool quiet_;
  bool terminal_;
  double started_;
  double drawn_ = 0.0;
  std::optional<double> first_share_;  // of the budget where this process began, for the rate
};

// A sentence on how it went, then a line per evaluation.
std::string train_table(const TrainingRun& run, double wall_seconds);
std::string train_json(const TrainingRun& run, double wall_seconds);
std::string train_csv(const TrainingRun& run);

}  // namespace etalon
