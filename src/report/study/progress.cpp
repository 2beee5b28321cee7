#include "report/study/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <thread>
#include <utility>

#include "core/text.hpp"
#include "report/display.hpp"
#include "report/study/objective_cells.hpp"
#include "study/objective_text.hpp"

namespace etalon {
namespace {

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  std::string text;
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text;
}

constexpr std::size_t kStageColumns = 7;

std::string stage_text(const std::optional<Stage>& stage) {
  return fmt::format("{:<5}  ", stage ? to_string(*stage) : std::string_view("start"));
}

// `start` and as many of `parts`, from the first on, as fit into `width` columns.
std::string with_parts(const std::string& start, const std::vector<std::string>& parts,
                       std::size_t width) {
  std::string text = start;
  for (const std::string& part : parts) {
    const std::string more = (&part == &parts.front() ? "" : ", ") + part;
    if (columns_of(text) + columns_of(more) > width) break;
    text += more;
  }
  return text;
}

std::string trial_text(const TrialRecord& record) {
  return fmt::format("trial {} (B={}, η={}, seed {})", record.id, record.spec.batch_size,
                     display_lr(record.spec.lr), record.spec.seed);
}

constexpr std::string_view kClearLine = "\r\x1b[K";

class TickingProgress final : public StudyProgress {
 public:
  TickingProgress(const StudyOptions& study, ProgressOptions options, ProgressSink sink)
      : StudyProgress(study, std::move(options), std::move(sink)),
        ticker_([this] { tick_until_stopped(); }) {}

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
    : options_(std::move(options)),
      clock_(std::move(clock)),
      start_(clock_()),
      sink_(std::move(sink)),
      seeds_(std::min(study.seeds, std::int64_t{2})),
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

void StudyProgress::on_retry(const TrialRecord& record) {
  const std::lock_guard lock(mutex_);
  say(trial_text(record) + " failed and is tried again: " + shortened(record.result.message, 200));
}

void StudyProgress::on_trial(const TrialRecord& record) {
  const std::lock_guard lock(mutex_);
  note_finished(record);
  if (record.result.state == TrialState::failed) {
    say(trial_text(record) + " failed: " + shortened(record.result.message, 200));
  }
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
  if (!is_result(record.result.state)) return;
  const auto& [batch_size, lr, seed, moved] = record.spec;
  Replicates& replicates = replicates_[{batch_size, lr, 0, moved}];
  ++replicates.count;
  replicates.sum += record.result.objective.value_or(INFINITY);
}

// One seed may be lucky: only a learning rate that all of them have run counts.
std::string StudyProgress::best_text() const {
  const TrialSpec* best = nullptr;
  double least = INFINITY;
  for (const auto& [spec, replicates] : replicates_) {
    const double mean = replicates.sum / static_cast<double>(replicates.count);
    if (replicates.count < seeds_ || !(mean < least)) continue;
    best = &spec;
    least = mean;
  }
  if (best == nullptr) return {};
  const bool steps = counts_steps(options_.workload);
  return fmt::format("best mean {}{} at B={} η={}", objective_cell(options_.workload, least),
                     steps ? " steps" : "", best->batch_size, display_lr(best->lr));
}

void StudyProgress::say(const std::string& what) {
  if (options_.quiet || finished_) return;
  const bool redraws = options_.terminal && last_shown_.has_value();
  sink_((redraws ? std::string(kClearLine) : "") + "etalon: " + what + "\n");
  last_shown_.reset();
}

void StudyProgress::show(bool stage_changed) {
  if (options_.quiet || finished_) return;
  const double now = clock_();
  const double pause = options_.terminal ? options_.redraw_seconds : options_.line_seconds;
  if (!stage_changed && last_shown_ && now - *last_shown_ < pause) return;
  last_shown_ = now;
  if (options_.terminal) {
    sink_(std::string(kClearLine) + terminal_line(now));
  } else {
    sink_(with_parts(stage_text(stage_), parts(now), std::string::npos) + '\n');
  }
}

// In order of weight: where there is no room for all, the last ones go.
std::vector<std::string> StudyProgress::parts(double now) const {
  std::vector<std::string> parts = {
      fmt::format("{} of ~{:.0f} trials", eta_.finished(), std::ceil(eta_.expected_trials())),
      display_duration(now - start_)};
  const auto remaining = eta_.remaining_seconds();
  if (remaining) parts.push_back(fmt::format("~{} left", display_duration(*remaining)));
  if (const std::string best = best_text(); !best.empty()) parts.push_back(best);
  return parts;
}

// The bar takes the room that the text leaves.
std::string StudyProgress::terminal_line(double now) const {
  constexpr std::size_t kLeastBar = 6, kGreatestBar = 16, kGap = 2;
  const std::size_t width = options_.width - 1;
  const std::string text = with_parts("", parts(now), width - std::min(width, kStageColumns));
  const std::size_t used = kStageColumns + columns_of(text) + kGap;
  const std::size_t room = width - std::min(width, used);
  std::string line = stage_text(stage_);
  if (room >= kLeastBar) {
    const double share = static_cast<double>(eta_.finished()) / eta_.expected_trials();
    line += bar(share, std::min(room, kGreatestBar)) + std::string(kGap, ' ');
  }
  return first_columns(line + text, width);
}

std::unique_ptr<StudyProgress> make_progress(std::FILE* stream, bool quiet,
                                             const WorkloadInfo& workload,
                                             const StudyOptions& study) {
  ProgressOptions options = progress_options_for(stream, quiet);
  options.workload = workload;
  const auto sink = [stream](std::string_view text) {
    // Nobody may be there to see it; that is no reason to stop.
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  };
  return std::make_unique<TickingProgress>(study, std::move(options), sink);
}

}  // namespace etalon
