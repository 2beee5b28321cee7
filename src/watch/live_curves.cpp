#include "watch/live_curves.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "watch/live_file.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr double kQuick = 1.0 / 3.0;    // seconds
constexpr double kLeastPause = 0.25;    // seconds between points of one trial
constexpr double kShareOfTrial = 1e-3;  // the same as a share of the time that it has run

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// What an earlier process left; nothing else that may lie there.
void remove_live_files(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().extension() == kLiveEnding) fs::remove(entry.path(), ignored);
  }
}

}  // namespace

// A file of lines that are appended in one call each; it goes with the object.
class LiveCurves::File {
 public:
  explicit File(fs::path path)
      : path_(std::move(path)),
        descriptor_(open(path_.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666)) {}
  ~File() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    unlink(path_.c_str());
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  // A line that did not fit on the disk is the last one.
  void append(const std::string& line) {
    if (is_broken_ || descriptor_ < 0) return;
    const ssize_t written = write(descriptor_, line.data(), line.size());
    is_broken_ = written != static_cast<ssize_t>(line.size());
  }

 private:
  const fs::path path_;
  const int descriptor_;
  bool is_broken_ = false;
};

LiveCurves::LiveCurves(const fs::path& study_directory, StudyObserver& next, Clock clock)
    : directory_(live_directory(study_directory)), next_(next), clock_(std::move(clock)) {
  remove_live_files(directory_);
}

LiveCurves::~LiveCurves() {
  under_way_.clear();
  std::error_code ignored;
  fs::remove(directory_, ignored);  // only where it is empty
}

void LiveCurves::open_file(UnderWay& trial) {
  std::error_code ignored;
  fs::create_directory(directory_, ignored);
  const std::string name = fmt::format("{}-{}{}", trial.record.id, ++files_, kLiveEnding);
  trial.file = std::make_unique<File>(directory_ / name);
  trial.file->append(live_head(trial.record, trial.started_utc));
}

void LiveCurves::on_round(std::int64_t round, std::span<const TrialRecord> planned) {
  next_.on_round(round, planned);
}

void LiveCurves::on_start(const TrialRecord& record) {
  UnderWay& trial = under_way_[record.id];
  const double now = clock_();
  trial = {.record = record,
           .started = now,
           .written = now,
           .started_utc = seconds_since_1970(),
           .file = nullptr};
  trial.record.result.curve.clear();
  if (!are_quick_) open_file(trial);
  next_.on_start(record);
}

void LiveCurves::on_point(const TrialRecord& record, const CurvePoint& point) {
  const auto found = under_way_.find(record.id);
  if (found != under_way_.end()) {
    UnderWay& trial = found->second;
    const double now = clock_(), ran = now - trial.started;
    const bool is_first = trial.written == trial.started;
    const double pause = is_first && trial.file ? 0.0 : std::max(kLeastPause, kShareOfTrial * ran);
    if (now - trial.written >= pause) {
      if (!trial.file) open_file(trial);
      trial.file->append(live_line({point, ran}));
      trial.written = now;
    }
  }
  next_.on_point(record, point);
}

void LiveCurves::end(const TrialRecord& record) {
  const auto found = under_way_.find(record.id);
  if (found == under_way_.end()) return;
  are_quick_ = clock_() - found->second.started < kQuick;
  under_way_.erase(found);
}

void LiveCurves::on_retry(const TrialRecord& record) {
  end(record);
  next_.on_retry(record);
}

void LiveCurves::on_trial(const TrialRecord& record) {
  end(record);
  next_.on_trial(record);
}

void LiveCurves::on_budget(std::int64_t trials) { next_.on_budget(trials); }

}  // namespace etalon
