// How a campaign is getting on, a line for every trial that ends:
//
//   trial 4 of 24: B=512, η=0.003, seed 1: 2.131 in 12 s; about 3:10 left
//
// On a terminal a further line, redrawn, says what is under way. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/clock.hpp"
#include "etalon/campaign.hpp"
#include "report/study/progress.hpp"

namespace etalon {

class CampaignProgress final : public StudyObserver {
 public:
  CampaignProgress(const WorkloadInfo& workload, const CampaignOptions& campaign,
                   std::int64_t slots, ProgressOptions options, ProgressSink sink,
                   Clock clock = steady_seconds);

  void on_start(const TrialRecord& record) override;
  void on_point(const TrialRecord& record, const CurvePoint& point) override;
  void on_retry(const TrialRecord& record) override;
  void on_trial(const TrialRecord& record) override;
  void on_budget(std::int64_t trials) override;
  // Takes the redrawn line away. Idempotent.
  void finish();

 private:
  struct UnderWay {
    TrialSpec spec;
    CurvePoint last;
  };

  void say(const std::string& line);
  void redraw();
  std::string ended_text(const TrialRecord& record) const;
  std::string time_left() const;

  const WorkloadInfo workload_;
  std::int64_t trials_;
  const std::int64_t slots_;
  const ProgressOptions options_;
  const ProgressSink sink_;
  const Clock clock_;
  std::map<std::int64_t, UnderWay> under_way_;
  std::int64_t ended_ = 0, last_id_ = 0;  // ended: of this session
  double seconds_ = 0.0;                  // that those took
  double last_drawn_ = 0.0;
};

}  // namespace etalon
