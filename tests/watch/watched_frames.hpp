// Frames of a board, from studies that never ran.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "report/study/page_json.hpp"
#include "report/study/summary_json.hpp"
#include "watch/board.hpp"
#include "watch/live_json.hpp"

namespace etalon::testing {

inline std::shared_ptr<Frame> frame_of(const StudyResult& result, std::int64_t version,
                                       std::span<const LiveTrial* const> live = {}) {
  auto study = std::make_shared<WatchedStudy>();
  study->result = result;
  auto pieces = std::make_shared<Pieces>();
  for (const TrialRecord& trial : result.trials) {
    (*pieces)[trial.id] = {version,
                           json_text(trial_json(trial, curve_json(trial.result.curve, 100)), -1)};
  }
  auto frame = std::make_shared<Frame>();
  frame->version = version;
  frame->generation = 1;
  frame->answer = {version, json_text(answer_json(result, study->provenance), -1)};
  frame->live = json_text(live_json(*study, live, {true, 0.0, 1000.0}), -1);
  frame->trials = pieces;
  frame->study = study;
  return frame;
}

}  // namespace etalon::testing
