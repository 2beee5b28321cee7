#include "report/study/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <thread>

#include "core/text.hpp"
#include "report/display.hpp"
#include "report/names.hpp"

namespace etalon {
namespace {

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

constexpr std::string_view kClearLine = "\r\x1b[K";

class TickingProgress final : public StudyProgress {
 public:
  TickingProgress(const StudyOptions& study, ProgressOptions options, ProgressSink sink)
      : StudyProgress(study, options, std::move(sink)), ticker_([this] { tick_until_stopped(); }) {}

  ~TickingProgress() override {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stop_changed_.notify_one();
    ticker_.join();
  }

 private:
  void tick_until_stopped() {
    constexpr std::chrono::milliseconds kPause(500);
    std::unique_lock lock(mutex_);
    while (!stop_changed_.wait_for(lock, kPause, [this] { return stop_; })) tick();
  }

  std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stop_ = false;  // guarded by mutex_
  std::thread ticker_;
};

}  // namespace

ProgressOptions progress_options_for(std::FILE* stream, bool quiet) {
  ProgressOptions options;
  options.quiet = quiet;
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  options.terminal = !dumb && isatty(fileno(stream)) == 1;
  options.width = terminal_width(stream, options.width);
  return options;
}

StudyProgress::StudyProgress(const StudyOptions& study, ProgressOptions options, ProgressSink sink,
                             Clock clock)
    : options_(options),
      clock_(std::move(clock)),
      start_(clock_()),
      sink_(std::move(sink)),
      eta_(study) {}

StudyProgress::~StudyProgress() { finish(); }

void StudyProgress::on_stored(std::span<const TrialRecord> records) {
  const std::lock_guard lock(mutex_);
  for (const TrialRecord& record : records) {
    eta_.plan(record);
    note_finished(record);
  }
}

void StudyProgress::on_round(std::int64_t /*round*/, std::span<const TrialRecord> planned) {
  const std::lock_guard lock(mutex_);
  for (const TrialRecord& record : planned) eta_.plan(record);
  if (planned.empty()) return;
  const Stage stage = planned.front().stage;
  const bool changed = stage_ != stage;
  stage_ = stage;
  show(changed);
}

void StudyProgress::on_trial(const TrialRecord& record) {
  const std::lock_guard lock(mutex_);
  note_finished(record);
  show(false);
}

void StudyProgress::tick() {
  const std::lock_guard lock(mutex_);
  if (stage_) show(false);
}

void StudyProgress::finish() {
  const std::lock_guard lock(mutex_);
  if (!finished_ && options_.terminal && last_shown_) sink_(kClearLine);
  finished_ = true;
}

void StudyProgress::note_finished(const TrialRecord& record) {
  eta_.finish(record);
  const auto& objective = record.result.objective;
  if (!objective || (best_ && *best_->result.objective <= *objective)) return;
  best_ = record;
  best_->result.curve.clear();
}

void StudyProgress::show(bool stage_changed) {
  if (options_.quiet || finished_) return;
  const double now = clock_();
  const double pause = options_.terminal ? options_.redraw_seconds : options_.line_seconds;
  if (!stage_changed && last_shown_ && now - *last_shown_ < pause) return;
  last_shown_ = now;
  if (options_.terminal) {
    sink_(std::string(kClearLine) + first_columns(line(now), options_.width - 1));
  } else {
    sink_(line(now) + '\n');
  }
}

std::string StudyProgress::line(double now) const {
  const auto stage = stage_ ? name_of(*stage_) : std::string_view("start");
  std::string text = fmt::format("{:<5}  ", stage);
  if (options_.terminal) {
    constexpr std::size_t kBarWidth = 16;
    text += bar(static_cast<double>(eta_.finished()) / eta_.expected_trials(), kBarWidth) + "  ";
  }
  text += fmt::format("{}/{} trials planned so far, {}", eta_.finished(), eta_.planned(),
                      display_duration(now - start_));
  const auto remaining = eta_.remaining_seconds();
  if (remaining) text += fmt::format(", about {} left", display_duration(*remaining));
  if (best_) {
    text += fmt::format(", best {} at B={} η={}", display_loss(*best_->result.objective),
                        best_->spec.batch_size, display_lr(best_->spec.lr));
  }
  return text;
}

std::unique_ptr<StudyProgress> make_progress(std::FILE* stream, bool quiet,
                                             const StudyOptions& study) {
  const auto sink = [stream](std::string_view text) {
    // Nobody may be there to see it; that is no reason to stop.
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  };
  return std::make_unique<TickingProgress>(study, progress_options_for(stream, quiet), sink);
}

}  // namespace etalon
