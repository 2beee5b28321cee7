#include "imports/joined_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace etalon {
namespace {

namespace fs = std::filesystem;

using Place = std::pair<fs::path, std::string>;  // directory and name

// Directories that a tool makes for itself within a run's.
constexpr std::string_view kInner[] = {".guild"};

bool is_part_of_data(const std::string& directory) {
  static const std::set<std::string> kParts = {"train", "training", "validation", "valid",
                                               "val",   "test",     "eval"};
  return kParts.contains(directory);
}

// "1636712345.2838652", as add_hparams names it.
bool is_time(const std::string& name) {
  return name.find('.') != std::string::npos &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
}

void rename_curves(LoggedRun& part, const std::string& directory) {
  std::map<std::string, LoggedCurve> renamed;
  for (auto& [name, curve] : part.curves) {
    renamed[fmt::format("{}/{}", directory, name)] = std::move(curve);
  }
  part.curves = std::move(renamed);
}

// A part that lies in a directory of its own within the run's.
void lift(LoggedRun& part, const fs::path& root) {
  if (part.directory == root || !part.name.empty()) return;
  const std::string directory = part.directory.filename().string();
  const bool is_inner =
      std::find(std::begin(kInner), std::end(kInner), directory) != std::end(kInner);
  if (!is_inner && !is_part_of_data(directory)) return;
  if (!is_inner) rename_curves(part, directory);
  part.directory = part.directory.parent_path();
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
    lift(found.part, root_);
    LoggedRun& run = runs_[{found.part.directory, found.part.name}];
    run.directory = found.part.directory;
    run.name = found.part.name;
    if (run.state.empty()) run.state = found.part.state;
    if (run.tool.empty() && !found.part.curves.empty()) run.tool = found.part.tool;
    for (auto& [name, text] : found.part.settings) run.settings.try_emplace(name, std::move(text));
    for (auto& [name, direction] : found.part.directions) run.directions[name] = direction;
    for (auto& [name, curve] : found.part.curves) add_curve(run, name, curve, found.reader);
  }

  std::vector<LoggedRun> take() {
    lift_hyperparameters();
    hand_down_settings();
    std::vector<LoggedRun> whole;
    for (auto& [place, run] : runs_) {
      if (run.curves.empty()) continue;
      for (auto& [name, curve] : run.curves) tidy(curve);
      whole.push_back(std::move(run));
    }
    return whole;
  }

 private:
  void add_curve(LoggedRun& run, const std::string& name, LoggedCurve& curve, std::size_t reader) {
    const auto [owner, is_new] = owners_.try_emplace({run.directory, run.name, name}, reader);
    if (owner->second < reader) return;
    LoggedCurve& joined = run.curves[name];
    if (owner->second > reader) joined.clear();
    owner->second = reader;
    joined.insert(joined.end(), curve.begin(), curve.end());
  }

  // Of a part in a directory named by the time, whose run lies above.
  void lift_hyperparameters() {
    for (auto each = runs_.begin(); each != runs_.end();) {
      const fs::path& directory = each->first.first;
      const auto above = runs_.find({directory.parent_path(), ""});
      const bool is_lifted = each->first.second.empty() && is_time(directory.filename()) &&
                             above != runs_.end() && !above->second.curves.empty();
      if (is_lifted) {
        for (const auto& setting : each->second.settings) above->second.settings.insert(setting);
        for (const auto& curve : each->second.curves) above->second.curves.insert(curve);
      }
      each = is_lifted ? runs_.erase(each) : std::next(each);
    }
  }

  // Those of a directory come after the run's own, the nearest first.
  void hand_down_settings() {
    for (auto& [place, run] : runs_) {
      if (run.curves.empty()) continue;
      for (fs::path above = place.first; above != root_ && above.has_relative_path();) {
        above = above.parent_path();
        take_settings_of(above, run);
      }
      if (!place.second.empty()) take_settings_of(place.first, run);
    }
  }

  void take_settings_of(const fs::path& directory, LoggedRun& run) const {
    const auto found = runs_.find({directory, ""});
    if (found == runs_.end() || !found->second.curves.empty()) return;
    for (const auto& setting : found->second.settings) run.settings.insert(setting);
  }

  const fs::path root_;
  std::map<Place, LoggedRun> runs_;
  std::map<std::tuple<fs::path, std::string, std::string>, std::size_t> owners_;  // of curves
};

}  // namespace

std::vector<LoggedRun> join_parts(std::vector<FoundPart> parts, const fs::path& root) {
  Joining joining(root);
  for (FoundPart& part : parts) joining.add(std::move(part));
  return joining.take();
}

std::string path_of(const LoggedRun& run, const fs::path& root) {
  std::string path = run.directory.lexically_relative(root).string();
  if (path == "." || path.empty()) path.clear();
  if (run.name.empty()) return path.empty() ? run.directory.filename().string() : path;
  return path.empty() ? run.name : path + '/' + run.name;
}

}  // namespace etalon
