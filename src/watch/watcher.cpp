#include "watch/watcher.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "etalon/error.hpp"
#include "report/study/curve_thinning.hpp"
#include "report/study/page_json.hpp"
#include "report/study/summary_json.hpp"
#include "watch/activity.hpp"
#include "watch/live_json.hpp"
#include "watch/terminal_view.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenLooks(500);
constexpr double kRestPerWork = 25.0;  // rests so many times as long as what it did took

fs::path study_file_of(const fs::path& study) {
  std::error_code ignored;
  return fs::is_directory(study, ignored) ? study / "study.db" : study;
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Watcher::Watcher(const fs::path& study, Evaluate evaluate, Board& board, Clock clock)
    : file_(study_file_of(study)),
      name_(study.string()),
      evaluate_(std::move(evaluate)),
      board_(board),
      clock_(std::move(clock)),
      live_(file_.parent_path()) {}

Watcher::Sight Watcher::sight() const {
  Sight sight;
  for (const char* ending : {"", "-wal"}) {
    const fs::path path = file_.string() + ending;
    std::error_code ignored;
    sight.emplace_back(fs::exists(path, ignored), fs::file_size(path, ignored),
                       fs::last_write_time(path, ignored).time_since_epoch().count());
  }
  return sight;
}

void Watcher::check() { read_study_file(file_, Curves::leave_out); }

double Watcher::rest_after(double start) const {
  return clock_() + kRestPerWork * (clock_() - start);
}

// False where it cannot be read just now: it is looked at again.
bool Watcher::read_study() {
  Sight now = sight();
  const bool has_grown = now != seen_ && clock_() >= next_read_;
  const bool is_due = is_answer_old_ && clock_() >= next_answer_;
  if (!has_grown && !is_due) return false;
  const double start = clock_();
  try {
    const StudyFile file = read_study_file(file_);
    next_read_ = rest_after(start);
    take(file);
  } catch (const Error&) {
    return false;
  }
  seen_ = std::move(now);
  return true;
}

// Trials are shown at once; what they say takes longer to work out, and follows.
void Watcher::take(const StudyFile& file) {
  const double start = clock_();
  is_answer_old_ = study_ != nullptr && start < next_answer_;
  if (is_answer_old_) {
    study_ = std::make_shared<WatchedStudy>(with_trials_of(file, *study_));
  } else {
    study_ = std::make_shared<WatchedStudy>(watched_study(file, name_, evaluate_));
    next_answer_ = rest_after(start);
  }
  take_trials();
}

// Those that are as they were keep their pieces; a study that lost some is another one.
void Watcher::take_trials() {
  const std::int64_t version = version_ + 1;
  auto pieces = std::make_shared<Pieces>(*trials_);
  std::map<std::int64_t, Marks> marks;
  const std::size_t most = points_per_curve(study_->result.trials.size());
  for (const TrialRecord& trial : study_->result.trials) {
    const TrialResult& result = trial.result;
    const Marks mark{result.state, trial.attempts, result.curve.size(),
                     result.objective.value_or(0.0)};
    marks.emplace(trial.id, mark);
    const auto before = marks_.find(trial.id);
    if (before != marks_.end() && before->second == mark) continue;
    (*pieces)[trial.id] = {version,
                           json_text(trial_json(trial, curve_json(result.curve, most)), -1)};
  }
  const bool lost = std::any_of(marks_.begin(), marks_.end(),
                                [&](const auto& mark) { return !marks.contains(mark.first); });
  if (lost) {
    ++generation_;
    std::erase_if(*pieces, [&](const auto& piece) { return !marks.contains(piece.first); });
  }
  marks_ = std::move(marks);
  trials_ = std::move(pieces);
  if (is_answer_old_) return;
  answer_ = {version, json_text(answer_json(study_->result, study_->provenance), -1)};
}

bool Watcher::has_state_changed() {
  const auto is_now = is_worked_on(file_);
  return std::exchange(was_worked_on_, is_now) != is_now;
}

LiveState Watcher::state() const {
  return {was_worked_on_, seconds_since_change(file_), unix_seconds()};
}

std::string Watcher::picture(const TerminalOptions& style) const {
  return terminal_view(*study_, live_.trials(), state(), style);
}

bool Watcher::is_complete() const {
  return study_ && !study_->result.interrupted && study_->pending.empty() && live_.trials().empty();
}

void Watcher::put_up() {
  const auto live = live_.trials();
  auto frame = std::make_shared<Frame>();
  frame->version = ++version_;
  frame->generation = generation_;
  frame->study = study_;
  frame->answer = answer_;
  frame->trials = trials_;
  frame->live = json_text(live_json(*study_, live, state()), -1);
  board_.put(std::move(frame));
}

bool Watcher::look() {
  const bool curves_grew = live_.read();
  const bool is_other = has_state_changed();
  const bool study_grew = read_study();
  if (!study_ || !(curves_grew || study_grew || is_other)) return false;
  put_up();
  return true;
}

void Watcher::run(const StopFlag& stop) {
  while (!stop.requested()) {
    look();
    std::this_thread::sleep_for(kBetweenLooks);
  }
  next_read_ = next_answer_ = 0.0;
  look();
}

}  // namespace etalon
