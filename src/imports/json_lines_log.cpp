#include "imports/json_lines_log.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "imports/dict_lines.hpp"
#include "imports/log_pieces.hpp"
#include "imports/log_rows.hpp"
#include "imports/log_shape.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr std::size_t kGlancedAt = std::size_t{64} << 10;  // bytes, at each end

bool has_name_of_json_lines(const std::filesystem::path& file) {
  static const std::set<std::string> kNames = {
      "metrics.jsonl",    "metrics.json",    "log.jsonl",   "logs.jsonl",
      "history.jsonl",    "train_log.jsonl", "train.jsonl", "training_log.jsonl",
      "training.jsonl",   "progress.jsonl",  "log.json",    "scalars.json",
      "log.txt",          "train_log.txt",   "stats.jsonl", "scalars.jsonl",
      "train_stats.jsonl"};
  const std::string name = file.filename().string();
  return kNames.contains(name) || name.ends_with(".log.json");
}

std::vector<LogRow> dicts_of(std::string_view text) {
  std::vector<LogRow> rows;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (auto row = numbers_of_dict(line)) rows.push_back(*std::move(row));
  }
  return rows;
}

}  // namespace

bool is_json_lines_log(const std::filesystem::path& file) {
  return has_name_of_json_lines(file) &&
         are_rows_of_log(dicts_of(read_both_ends(file, kGlancedAt)));
}

void read_json_lines_log(const std::filesystem::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path();
  LogRows rows(run);
  const DictLines lines = read_dict_lines(
      file, [&](std::string_view, auto numbers) { rows.hear(numbers); },
      [&](double share) { hear.note_share(share); });
  if (lines.dicts > 0) hear(std::move(run));
  require_whole(lines, file);
}

}  // namespace etalon
