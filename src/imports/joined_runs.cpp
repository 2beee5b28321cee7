#include "imports/joined_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "imports/joined_run.hpp"
#include "imports/part_places.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

using Place = std::pair<fs::path, std::string>;  // directory and name

// "1636712345.2838652", as add_hparams names it.
bool is_time(const std::string& name) {
  return name.find('.') != std::string::npos &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

bool lies_below(const fs::path& inner, const fs::path& directory) {
  const auto differs =
      std::mismatch(directory.begin(), directory.end(), inner.begin(), inner.end());
  return differs.first == directory.end() && differs.second != inner.end();
}

// One point a step, the last one that was logged; what is no number of steps comes first.
void tidy(LoggedCurve& curve) {
  std::stable_sort(curve.begin(), curve.end(),
                   [](const auto& a, const auto& b) { return a.step < b.step; });
  const auto end = std::unique(curve.rbegin(), curve.rend(),
                               [](const auto& a, const auto& b) { return a.step == b.step; });
  curve.erase(curve.begin(), end.base());
}

// Joins the parts of runs by their places.
class Joining {
 public:
  explicit Joining(const fs::path& root) : root_(root) {}

  void add(FoundPart found) {
    JoinedRun& joined = runs_[{found.part.directory, found.part.name}];
    joined.add(std::move(found));
  }

  std::vector<LoggedRun> take() {
    lift_hyperparameters();
    hand_down_settings();
    join_loggers();
    std::vector<LoggedRun> whole;
    for (auto& [place, joined] : runs_) {
      if (!joined.has_curves()) continue;
      for (auto& [name, curve] : joined.run.curves) tidy(curve);
      whole.push_back(std::move(joined.run));
    }
    return whole;
  }

 private:
  // Of a part in a directory named by the time, whose run lies above.
  void lift_hyperparameters() {
    for (auto each = runs_.begin(); each != runs_.end();) {
      const fs::path& directory = each->first.first;
      const auto above = runs_.find({directory.parent_path(), ""});
      const bool is_lifted = each->first.second.empty() && is_time(directory.filename()) &&
                             above != runs_.end() && above->second.has_curves();
      if (is_lifted) lift(each->second, above->second);
      each = is_lifted ? runs_.erase(each) : std::next(each);
    }
  }

  static void lift(JoinedRun& hyperparameters, JoinedRun& above) {
    above.run.settings.merge(hyperparameters.run.settings);
    above.run.curves.merge(hyperparameters.run.curves);
    above.curve_readers.merge(hyperparameters.curve_readers);
  }

  // Those of a directory come after the run's own, the nearest first.
  void hand_down_settings() {
    for (auto& [place, joined] : runs_) {
      if (!joined.has_curves()) continue;
      for (fs::path above = place.first; above != root_ && above.has_relative_path();) {
        above = above.parent_path();
        take_settings_of(above, joined.run);
      }
      if (!place.second.empty()) take_settings_of(place.first, joined.run);
    }
  }

  void take_settings_of(const fs::path& directory, LoggedRun& run) const {
    const auto found = runs_.find({directory, ""});
    if (found == runs_.end() || found->second.has_curves()) return;
    for (const auto& setting : found->second.run.settings) run.settings.insert(setting);
  }

  // The innermost first: what was joined there is one run for the directories above.
  void join_loggers() {
    std::vector<Place> jobs;
    for (const auto& [place, joined] : runs_) {
      const bool holds_settings_alone = !joined.has_curves() && !joined.run.settings.empty();
      if (holds_settings_alone && place.second.empty()) jobs.push_back(place);
    }
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
      const std::vector<Place> loggers = loggers_below(job->first);
      if (loggers.size() > 1) join_into(*job, loggers);
    }
  }

  // The runs below, each of readers of its own; none where they are not those of one job.
  std::vector<Place> loggers_below(const fs::path& job) const {
    std::vector<Place> loggers;
    std::set<std::size_t> known;
    for (auto each = std::next(runs_.find({job, ""}));
         each != runs_.end() && (each->first.first == job || lies_below(each->first.first, job));
         ++each) {
      const auto& [place, joined] = *each;
      if (!joined.has_curves()) continue;
      for (const std::size_t reader : joined.readers()) {
        if (!known.insert(reader).second) return {};
      }
      const bool is_other = !loggers.empty() && contradict(joined.run, runs_.at(loggers[0]).run);
      if (is_other || !place.second.empty()) return {};
      loggers.push_back(place);
    }
    return loggers;
  }

  void join_into(const Place& job, const std::vector<Place>& loggers) {
    JoinedRun& joined = runs_.at(job);
    // Theirs count first, and what the job sets was handed down to them.
    joined.run.settings.clear();
    for (const Place& logger : loggers) {
      joined.add(std::move(runs_.at(logger)));
      runs_.erase(logger);
    }
  }

  const fs::path root_;
  std::map<Place, JoinedRun> runs_;
};

}  // namespace

std::vector<LoggedRun> join_parts(std::vector<FoundPart> parts, const fs::path& root) {
  const PartPlaces places(parts, root);
  order_by_beginning(parts);
  Joining joining(root);
  for (FoundPart& found : parts) {
    places.place(found);
    joining.add(std::move(found));
  }
  return joining.take();
}

std::string path_of(const LoggedRun& run, const fs::path& root) {
  std::string path = run.directory.lexically_relative(root).string();
  if (path == "." || path.empty()) path.clear();
  if (run.name.empty()) return path.empty() ? run.directory.filename().string() : path;
  return path.empty() ? run.name : path + '/' + run.name;
}

}  // namespace etalon
