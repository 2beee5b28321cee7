// What the page of a study reads: the summary, and every trial with its curve. Used by the report
// and, while a study is watched, piece by piece.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <utility>
#include <vector>

#include "etalon/report.hpp"
#include "etalon/store.hpp"
#include "etalon/study.hpp"

namespace etalon {

// The curves of a page. Trials of one batch size mostly report at the same steps: these are written
// once, as a course.
class PageCurves {
 public:
  explicit PageCurves(std::span<const TrialRecord> trials);

  // By columns: the number of its course, and the losses.
  nlohmann::ordered_json curve(const TrialRecord& trial);
  // Of all curves so far: [{"step": [...], "epoch": [...]}, ...].
  nlohmann::ordered_json courses() const;
  // How many points the page lacks, of all curves so far.
  std::int64_t points_left_out() const { return points_left_out_; }

 private:
  using Course = std::vector<std::pair<std::int64_t, double>>;  // step, epoch

  std::map<std::int64_t, std::vector<std::size_t>> kept_;  // by batch size
  std::map<Course, std::size_t> numbers_;
  std::vector<Course> courses_;
  std::int64_t points_left_out_ = 0;
};

// A curve by itself, with steps and epochs, of at most `most` points.
nlohmann::ordered_json curve_json(const std::vector<CurvePoint>& curve, std::size_t most);

nlohmann::ordered_json trial_json(const TrialRecord& trial, nlohmann::ordered_json curve);

// Everything about the study but its trials: "summary", "greatest_told", "lines".
nlohmann::ordered_json answer_json(const StudyResult& result, const Provenance& provenance);

// All of it.
nlohmann::ordered_json page_json(const StudyResult& result, const Provenance& provenance);

}  // namespace etalon
