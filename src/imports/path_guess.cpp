#include "imports/path_guess.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "imports/joined_runs.hpp"
#include "imports/run_cells.hpp"
#include "metrics/column_names.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool is_batch_size(ColumnRole role) {
  return role == ColumnRole::batch_size || role == ColumnRole::global_batch_size ||
         role == ColumnRole::device_batch_size;
}

bool is_told_in_paths(const std::string& name) {
  const auto sense = sense_of(name);
  return sense && (is_batch_size(sense->role) || sense->role == ColumnRole::lr ||
                   sense->role == ColumnRole::seed);
}

// The letters, with marks between them, that end before `end`; the longest such name that says
// something.
std::optional<std::string> name_before(const std::string& path, std::size_t end) {
  while (end > 0 && (path[end - 1] == '=' || path[end - 1] == '_' || path[end - 1] == '-' ||
                     path[end - 1] == ':')) {
    --end;
  }
  std::size_t begin = end;
  while (begin > 0 && (is_letter(path[begin - 1]) || path[begin - 1] == '_')) --begin;
  for (; begin < end; ++begin) {
    const bool starts_word = begin == 0 || !is_letter(path[begin - 1]);
    std::string name = path.substr(begin, end - begin);
    if (starts_word && is_letter(path[begin]) && is_told_in_paths(name)) return name;
  }
  return std::nullopt;
}

// What a device takes says it where what it is multiplied by is known too.
bool has_batch_size(const LoggedRun& run) {
  return has_number(run.settings, {ColumnRole::global_batch_size, ColumnRole::batch_size}) ||
         (has_number(run.settings, {ColumnRole::device_batch_size}) &&
          has_number(run.settings,
                     {ColumnRole::accumulation, ColumnRole::processes, ColumnRole::devices}));
}

using Settings = std::vector<std::pair<std::string, std::string>>;

// Those that all of the runs have in their paths.
void take_common_settings(const std::vector<LoggedRun*>& runs, const std::filesystem::path& root,
                          std::set<std::string>& taken) {
  std::vector<Settings> found;
  found.reserve(runs.size());
  for (const LoggedRun* run : runs) found.push_back(settings_in_path(path_of(*run, root)));
  std::map<std::string, std::size_t> counts;
  for (const Settings& settings : found) {
    for (const auto& [name, number] : settings) ++counts[name];
  }
  std::erase_if(counts, [&](const auto& each) { return each.second < runs.size(); });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const auto& [name, number] : found[i]) {
      if (counts.contains(name)) runs[i]->settings.try_emplace(name, number);
    }
  }
  for (const auto& [name, count] : counts) taken.insert(name);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_in_path(const std::string& path) {
  std::map<std::string, std::string> found;
  for (std::size_t at = 0; at < path.size();) {
    const bool starts_number = is_digit(path[at]) && (at == 0 || !is_digit(path[at - 1]));
    const auto number =
        starts_number ? leading_number(std::string_view(path).substr(at)) : std::nullopt;
    if (!number) {
      ++at;
      continue;
    }
    if (const auto name = name_before(path, at)) found[*name] = path.substr(at, number->length);
    at += number->length;
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> take_settings_of_paths(std::vector<LoggedRun>& runs,
                                                const std::filesystem::path& root) {
  std::map<std::string, std::vector<LoggedRun*>> by_tool;
  for (LoggedRun& run : runs) {
    if (!has_batch_size(run)) by_tool[run.tool].push_back(&run);
  }
  std::set<std::string> taken;
  for (const auto& [tool, its_runs] : by_tool) take_common_settings(its_runs, root, taken);
  return {taken.begin(), taken.end()};
}

}  // namespace etalon
