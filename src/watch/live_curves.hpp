// Puts what trials under way say where others can read it (live_file.hpp), and passes everything on
// to another observer.
//
// It costs a study next to nothing: a point is written at most four times a second, later once in a
// thousandth of the trial's time, so that a file has some thousand lines after a week; nothing is
// synced; and where trials take less than a third of a second they are not written at all. A file
// that cannot be written is done without: no study fails for its onlookers. What a killed process
// left behind goes when the next one begins. For the thread that runs the study.
#pragma once

#include <filesystem>
#include <map>
#include <memory>

#include "core/clock.hpp"
#include "etalon/study.hpp"

namespace etalon {

class LiveCurves final : public StudyObserver {
 public:
  // `next` must outlive it. The study in the directory must be this process's own (its lock).
  LiveCurves(const std::filesystem::path& study_directory, StudyObserver& next,
             Clock clock = steady_seconds);
  ~LiveCurves() override;
  LiveCurves(const LiveCurves&) = delete;
  LiveCurves& operator=(const LiveCurves&) = delete;

  void on_round(std::int64_t round, std::span<const TrialRecord> planned) override;
  void on_start(const TrialRecord& record) override;
  void on_point(const TrialRecord& record, const CurvePoint& point) override;
  void on_retry(const TrialRecord& record) override;
  void on_trial(const TrialRecord& record) override;
  void on_budget(std::int64_t trials) override;

 private:
  class File;
  struct UnderWay {
    TrialRecord record;
    double started = 0.0, written = 0.0;  // by the clock
    double started_utc = 0.0;
    std::unique_ptr<File> file;  // none where it is not worth one yet, or cannot be made
  };

  void open_file(UnderWay& trial);
  void end(const TrialRecord& record);

  const std::filesystem::path directory_;
  StudyObserver& next_;
  const Clock clock_;
  std::map<std::int64_t, UnderWay> under_way_;  // by id
  std::int64_t files_ = 0;
  bool are_quick_ = false;
};

}  // namespace etalon
