#include "runs/foreign_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "SQLite format 3";
constexpr std::size_t kMostNames = 5;

std::string cut_list(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() < kMostNames) shown.push_back(shortened(name, 40));
  }
  const bool is_cut = shown.size() < names.size();
  return fmt::format("{}{}", fmt::join(shown, ", "), is_cut ? ", ..." : "");
}

bool holds_study(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / "study.db", ignored) ||
         fs::exists(directory / "trials.csv", ignored);
}

bool looks_like_runs(const fs::path& file) {
  static const std::set<std::string> kEndings = {".csv", ".tsv", ".json", ".jsonl", ".db"};
  return kEndings.contains(file.extension().string());
}

}  // namespace

std::vector<std::string> candidates_in(const fs::path& directory) {
  constexpr int kMostLookedAt = 1000;
  std::vector<std::string> names;
  std::error_code error;
  int looked_at = 0;
  for (fs::directory_iterator each(directory, error); !error && each != fs::directory_iterator();
       each.increment(error)) {
    if (++looked_at > kMostLookedAt) break;
    std::error_code ignored;
    const bool is_candidate =
        each->is_directory(ignored) ? holds_study(each->path()) : looks_like_runs(each->path());
    if (is_candidate) names.push_back((directory / each->path().filename()).lexically_normal());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_database(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  std::ifstream input(path, std::ios::binary);
  std::string start(kMagic.size(), '\0');
  return input.read(start.data(), std::ssize(start)) && start == kMagic;
}

void refuse_directory(const fs::path& path) {
  const std::vector<std::string> candidates = candidates_in(path);
  throw InputError("the directory holds neither a study nor logs that are known", path.string(),
                   candidates.empty()
                       ? "name a file of runs, or the directory of a study"
                       : fmt::format("name what is meant, such as {}", cut_list(candidates)));
}

}  // namespace etalon
