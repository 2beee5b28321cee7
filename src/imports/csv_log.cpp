#include "imports/csv_log.hpp"

#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "etalon/error.hpp"
#include "imports/log_pieces.hpp"
#include "imports/log_rows.hpp"
#include "imports/log_shape.hpp"
#include "metrics/csv_rows.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLookedAt = std::size_t{32} << 10;  // bytes, at each end

bool has_name_of_csv_log(const std::filesystem::path& file) {
  static const std::set<std::string> kNames = {
      "metrics.csv", "progress.csv",     "progress.txt", "history.csv",   "log.csv",
      "logs.csv",    "training_log.csv", "training.log", "train_log.csv", "training.csv",
      "train.csv",   "results.csv",      "summary.csv",  "loss.csv",      "losses.csv"};
  return kNames.contains(file.filename().string());
}

// Ray writes both, and result.json says more.
bool is_second_of_ray(const std::filesystem::path& file) {
  std::error_code ignored;
  return file.filename() == "progress.csv" &&
         std::filesystem::exists(file.parent_path() / "result.json", ignored);
}

std::vector<LogRow> csv_rows_at_ends(const std::filesystem::path& file) {
  std::vector<LogRow> rows;
  CsvRows reader(
      [&](std::span<const NamedValue> row) { rows.emplace_back(row.begin(), row.end()); });
  reader.take(read_both_ends(file, kLookedAt));
  reader.finish();
  return rows;
}

}  // namespace

bool is_csv_log(const std::filesystem::path& file) {
  return has_name_of_csv_log(file) && !is_second_of_ray(file) &&
         are_rows_of_log(csv_rows_at_ends(file));
}

void read_csv_log(const std::filesystem::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path();
  LogRows rows(run);
  CsvRows reader([&](std::span<const NamedValue> row) { rows.hear(row); });
  for_each_piece(
      file, [&](std::string_view bytes) { reader.take(bytes); },
      [&](double share) { hear.note_share(share); });
  reader.finish();
  if (run.curves.empty()) {
    throw InputError("the file has no rows of numbers below a header", file.string(),
                     "leave it out");
  }
  hear(std::move(run));
}

}  // namespace etalon
