#include "watch/live_reader.hpp"

#include <fstream>
#include <set>

namespace etalon {
namespace {

namespace fs = std::filesystem;

// More of them at once no machine runs.
constexpr std::size_t kMostFiles = 10'000;
// Lines that are longer are none of ours.
constexpr std::size_t kMostAtOnce = 1 << 22;

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    const bool is_one = at->path().extension() == kLiveEnding && at->is_regular_file(ignored);
    if (is_one && names.size() < kMostFiles) names.insert(at->path().filename().string());
  }
  return names;
}

std::string text_from(const fs::path& path, std::uintmax_t offset) {
  std::ifstream file(path, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(offset))) return "";
  std::string text(kMostAtOnce, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

LiveReader::LiveReader(const fs::path& study_directory)
    : directory_(live_directory(study_directory)) {}

bool LiveReader::read() {
  const std::set<std::string> names = names_in(directory_);
  bool is_new =
      std::erase_if(files_, [&](const auto& file) { return !names.contains(file.first); }) > 0;
  for (const std::string& name : names) {
    is_new = read_on(directory_ / name, files_[name]) || is_new;
  }
  return is_new;
}

bool LiveReader::read_on(const fs::path& path, Growing& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || !file.is_ours || size == file.offset) return false;
  if (size < file.offset) file = {};  // another file of that name
  const std::string text = text_from(path, file.offset);
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    take_line(file, text.substr(begin, end - begin));
    begin = end + 1;
  }
  file.offset += begin;
  if (begin == 0 && text.size() == kMostAtOnce) file.is_ours = false;
  return begin > 0;
}

void LiveReader::take_line(Growing& file, const std::string& line) {
  if (!file.trial) {
    file.trial = parse_live_head(line);
    file.is_ours = file.trial.has_value();
  } else if (const auto point = parse_live_line(line)) {
    file.trial->points.push_back(*point);
  }
}

std::vector<const LiveTrial*> LiveReader::trials() const {
  std::map<std::int64_t, const LiveTrial*> last;
  for (const auto& [name, file] : files_) {
    if (!file.trial) continue;
    const LiveTrial*& kept = last[file.trial->record.id];
    if (kept == nullptr || kept->started <= file.trial->started) kept = &*file.trial;
  }
  std::vector<const LiveTrial*> all;
  all.reserve(last.size());
  for (const auto& [id, trial] : last) all.push_back(trial);
  return all;
}

}  // namespace etalon
