#include "imports/part_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "imports/log_reader.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// Directories that a tool makes for itself within a run's.
constexpr std::string_view kInner[] = {".guild"};

bool is_part_of_data(const std::string& directory) {
  static const std::set<std::string> kParts = {"train", "training", "validation", "valid",
                                               "val",   "test",     "eval"};
  return kParts.contains(directory);
}

void rename_curves(LoggedRun& part, const std::string& directory) {
  std::map<std::string, LoggedCurve> renamed;
  for (auto& [name, curve] : part.curves) {
    renamed[fmt::format("{}/{}", directory, name)] = std::move(curve);
  }
  part.curves = std::move(renamed);
}

// A part that lies in a directory of its own within the run's.
void lift_out_of_inner(LoggedRun& part, const fs::path& root) {
  if (part.directory == root) return;
  const std::string directory = part.directory.filename().string();
  const bool is_inner =
      std::find(std::begin(kInner), std::end(kInner), directory) != std::end(kInner);
  if (!is_inner && !is_part_of_data(directory)) return;
  if (!is_inner) rename_curves(part, directory);
  part.directory = part.directory.parent_path();
}

}  // namespace

PartPlaces::PartPlaces(const std::vector<FoundPart>& parts, fs::path root)
    : root_(std::move(root)) {
  for (const auto& [part, reader] : parts) {
    for (const fs::path& held : part.holds) holders_[held] = part.directory;
  }
  add_homes(parts);
}

// The one that was begun first is where the others are.
void PartPlaces::add_homes(const std::vector<FoundPart>& parts) {
  using Beginning = std::tuple<std::string, fs::path>;
  std::map<std::pair<std::size_t, std::string>, std::set<Beginning>> beginnings;
  for (const auto& [part, reader] : parts) {
    if (!part.id.empty()) beginnings[{reader, part.id}].emplace(part.begun, part.directory);
  }
  for (const auto& [id, all] : beginnings) {
    const fs::path& first = std::get<fs::path>(*all.begin());
    for (const auto& [begun, directory] : all) homes_.emplace(directory, first);
  }
}

void PartPlaces::place(FoundPart& found) const {
  LoggedRun& part = found.part;
  if (!part.name.empty()) return;
  lift_out_of_inner(part, root_);
  // Those of a model, say.
  const bool is_settings_alone = log_readers()[found.reader].reads_settings_alone;
  if (!is_settings_alone && !holders_.empty()) lift_to_holder(part);
  const auto home = homes_.find(part.directory);
  if (home != homes_.end()) part.directory = home->second;
}

// The outermost, which says itself what became of it.
void PartPlaces::lift_to_holder(LoggedRun& part) const {
  const fs::path found_in = part.directory;
  for (fs::path above = found_in; above.has_relative_path(); above = above.parent_path()) {
    const auto holder = holders_.find(above);
    if (holder != holders_.end()) part.directory = holder->second;
    if (above == root_) break;
  }
  if (part.directory != found_in) part.state.clear();
}

void order_by_beginning(std::vector<FoundPart>& parts) {
  std::map<std::size_t, std::vector<std::size_t>> places;  // by reader
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].part.begun.empty()) places[parts[i].reader].push_back(i);
  }
  for (const auto& [reader, of_reader] : places) {
    std::vector<FoundPart> ordered;
    ordered.reserve(of_reader.size());
    for (const std::size_t place : of_reader) ordered.push_back(std::move(parts[place]));
    std::stable_sort(ordered.begin(), ordered.end(), [](const FoundPart& a, const FoundPart& b) {
      return a.part.begun < b.part.begun;
    });
    for (std::size_t i = 0; i < of_reader.size(); ++i) parts[of_reader[i]] = std::move(ordered[i]);
  }
}

}  // namespace etalon
