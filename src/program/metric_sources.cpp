#include "program/metric_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/text.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// Between looks for new files.
constexpr std::chrono::milliseconds kLookForFiles(500);
// So that a program that writes many files (checkpoints, samples) is not slowed.
constexpr int kDeepestFile = 6;
constexpr std::size_t kMostEntries = 20'000;
constexpr std::size_t kMostFiles = 100;

// The files of metrics at or below `root`, in the order of their paths; links are not followed.
std::vector<fs::path> metric_files_at(const fs::path& root) {
  std::error_code error;
  if (fs::is_regular_file(root, error)) return {root};
  std::vector<fs::path> found;
  std::size_t seen = 0;
  for (fs::recursive_directory_iterator entry(root, error), end;
       !error && entry != end && seen < kMostEntries; entry.increment(error), ++seen) {
    if (entry.depth() >= kDeepestFile) entry.disable_recursion_pending();
    std::error_code ignored;
    const bool is_file = fs::is_regular_file(entry->symlink_status(ignored));
    if (is_file && is_metric_file(entry->path())) found.push_back(entry->path());
  }
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), kMostFiles));
  return found;
}

}  // namespace

MetricSources::MetricSources(const AttemptFiles& files, MetricPlaces places, Hear hear,
                             Forget forget)
    : files_(files),
      places_(std::move(places)),
      root_(places_.file.empty() ? files_.own : places_.file),
      hear_(std::move(hear)),
      forget_(std::move(forget)),
      printed_(files_, places_.pattern, [this](std::span<const NamedValue> row) {
        if (places_.file.empty()) hear_(SourceName{}, row);
      }) {}

void MetricSources::read() {
  printed_.read();
  const auto now = std::chrono::steady_clock::now();
  if (!looked_at_ || now - *looked_at_ >= kLookForFiles) {
    looked_at_ = now;
    find_files();
  }
  for (const auto& source : sources_) read(*source);
}

void MetricSources::finish() {
  printed_.finish();
  find_files();
  for (const auto& source : sources_) {
    forget_(source->name);
    for (const auto& file : source->files) file->restart();
    while (read(*source)) {
    }
    for (const auto& file : source->files) file->finish();
  }
}

// False where nothing came.
bool MetricSources::read(Source& source) const {
  bool any = false;
  for (const auto& file : source.files) {
    const MetricFile::News news = file->read();
    any = any || news != MetricFile::News::none;
    if (news != MetricFile::News::anew) continue;
    forget_(source.name);
    for (const auto& each : source.files) each->restart();
    return true;
  }
  return any;
}

void MetricSources::find_files() {
  for (const fs::path& path : metric_files_at(root_)) {
    if (!is_known(path) && is_of_this_attempt(path)) add(path);
  }
}

bool MetricSources::is_known(const fs::path& path) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const auto& source) {
    return std::any_of(source->files.begin(), source->files.end(),
                       [&](const auto& file) { return file->path() == path; });
  });
}

// What lies elsewhere may be what an earlier attempt left there.
bool MetricSources::is_of_this_attempt(const fs::path& path) const {
  if (places_.file.empty()) return true;
  std::error_code error;
  const auto begun = fs::last_write_time(files_.command, error);
  if (error) return true;
  const auto written = fs::last_write_time(path, error);
  return !error && written >= begun;
}

SourceName MetricSources::name_of(const fs::path& path) const {
  const fs::path below = path.lexically_relative(root_);
  const bool is_root = below == ".";
  SourceName name;
  name.kind = is_event_file(path) ? SourceName::Kind::events : SourceName::Kind::lines;
  if (name.kind == SourceName::Kind::lines) {
    name.file = is_root ? path.filename().string() : below.string();
  }
  if (!is_root) name.directory = below.parent_path().string();
  return name;
}

void MetricSources::add(const fs::path& path) {
  const SourceName name = name_of(path);
  auto found = std::find_if(sources_.begin(), sources_.end(),
                            [&](const auto& source) { return source->name == name; });
  if (found == sources_.end()) {
    found = sources_.insert(found, std::make_unique<Source>(Source{name, {}}));
  }
  auto& files = (*found)->files;  // in the order of their names, in which events follow events
  const auto place = std::find_if(files.begin(), files.end(),
                                  [&](const auto& file) { return path < file->path(); });
  files.insert(place, std::make_unique<MetricFile>(
                          path, places_.pattern,
                          [this, name](std::span<const NamedValue> row) { hear_(name, row); }));
}

std::string MetricSources::damage(const SourceName& source) const {
  for (const auto& each : sources_) {
    if (each->name != source) continue;
    for (const auto& file : each->files) {
      const std::string damage = file->damage();
      if (!damage.empty()) return fmt::format("{}: {}", file->path().string(), damage);
    }
  }
  return "";
}

std::string MetricSources::place_text() const {
  return places_.file.empty() ? "" : fmt::format("'{}'", printable(places_.file.string()));
}

}  // namespace etalon
