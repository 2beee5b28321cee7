// The report of runs that are no study: report.html, summary.json (as `etalon fit --format json`),
// runs.csv (what was taken of each run) and, where the source has them, curves.csv.
#pragma once

#include <filesystem>
#include <string>

#include "report/fit/fit_output.hpp"

namespace etalon {

class FitFiles {
 public:
  explicit FitFiles(std::filesystem::path directory) : directory_(std::move(directory)) {}

  // Throws InputError where one of them could not be written, is the source, or is there already
  // and no report's.
  void check(const std::filesystem::path& source) const;
  // Throws RunError where the disk fails.
  void write(const FitAnswer& answer) const;
  std::filesystem::path report() const { return directory_ / "report.html"; }
  // The page alone, under another name.
  void write_page(const FitAnswer& answer, const std::string& name) const;

 private:
  const std::filesystem::path directory_;
};

// A line a run: its group, batch size, learning rate, seed, state, and the metric's value.
std::string fit_runs_csv(const FitAnswer& answer);
// A line a point: the run's line in runs.csv, the step, and the metric's value.
std::string fit_curves_csv(const FitAnswer& answer);

}  // namespace etalon
