// How a study is getting on, told while it runs: on a terminal one line that is redrawn, elsewhere
// a plain line at every change of stage and every few seconds, with `quiet` nothing. A line has the
// stage, the trials done of about how many, the time spent, about how long is left, and the least
// mean loss over all seeds so far: what a terminal has no room for is left out from the end. What
// failed has a line of its own.
//
// Safe from any thread: the study calls `on_round` and `on_trial`, a ticker may call `tick`.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "etalon/study.hpp"
#include "report/study/eta.hpp"

namespace etalon {

// Takes text as it is to appear, control codes included, and shows it at once.
using ProgressSink = std::function<void(std::string_view)>;

struct ProgressOptions {
  bool quiet = false;
  bool terminal = false;        // whether a line can be redrawn
  std::size_t width = 80;       // columns of the terminal, > 0
  double redraw_seconds = 0.1;  // a terminal's line is redrawn at most this often, >= 0
  double line_seconds = 10.0;   // elsewhere, a line at least this far from the last, > 0
  WorkloadInfo workload{};      // whose objective is shown
};

// What suits `stream`: a terminal's width, or plain lines.
ProgressOptions progress_options_for(std::FILE* stream, bool quiet);

class StudyProgress : public StudyObserver {
 public:
  StudyProgress(const StudyOptions& study, ProgressOptions options, ProgressSink sink,
                Clock clock = steady_seconds);
  ~StudyProgress() override;

  // Trials that a resumed study has already; call before it runs.
  void on_stored(std::span<const TrialRecord> records);
  void on_round(std::int64_t round, std::span<const TrialRecord> planned) override;
  void on_retry(const TrialRecord& record) override;
  void on_trial(const TrialRecord& record) override;
  // Shows the time that has passed; call about once a second.
  void tick();
  // Takes the redrawn line away so that something else can be printed. Idempotent.
  void finish();

 private:
  // The trials of one learning rate that ended, whatever their seeds.
  struct Replicates {
    std::int64_t count = 0;
    double sum = 0.0;  // of their losses; infinite where one diverged
  };

  // These require mutex_.
  void note_finished(const TrialRecord& record);
  void say(const std::string& what);
  void show(bool stage_changed);
  std::string best_text() const;
  std::vector<std::string> parts(double now) const;
  std::string terminal_line(double now) const;

  const ProgressOptions options_;
  const Clock clock_;
  const double start_;
  const ProgressSink sink_;
  const std::int64_t seeds_;

  std::mutex mutex_;  // guards what follows
  EtaEstimator eta_;
  std::optional<Stage> stage_;
  std::map<TrialSpec, Replicates> replicates_;  // with seed 0
  std::optional<double> last_shown_;
  bool finished_ = false;
};

// Progress on `stream` as suits it, with a thread of its own that calls `tick` twice a second.
std::unique_ptr<StudyProgress> make_progress(std::FILE* stream, bool quiet,
                                             const WorkloadInfo& workload,
                                             const StudyOptions& study);

}  // namespace etalon
