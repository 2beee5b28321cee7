#include "program/metric_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "metrics/csv_rows.hpp"
#include "metrics/event_rows.hpp"
#include "metrics/output_lines.hpp"

namespace etalon {
namespace {

constexpr std::array<std::string_view, 2> kTableEndings = {".csv", ".tsv"};
constexpr std::array<std::string_view, 2> kLineEndings = {".jsonl", ".ndjson"};

bool is_among_endings(const std::filesystem::path& path, std::span<const std::string_view> all) {
  return std::find(all.begin(), all.end(), path.extension().string()) != all.end();
}

class LineRows final : public RowReader {
 public:
  LineRows(SharedPattern pattern, HearRow hear)
      : pattern_(std::move(pattern)),
        hear_(std::move(hear)),
        lines_([this](std::string_view line) { hear_line(line); }) {}

  void take(std::string_view bytes) override { lines_.take(bytes); }
  void finish() override { lines_.finish(); }

 private:
  void hear_line(std::string_view line) const {
    const std::vector<NamedValue> row = metrics_in(line, pattern_);
    if (!row.empty()) hear_(row);
  }

  const SharedPattern pattern_;
  const HearRow hear_;
  OutputLines lines_;
};

}  // namespace

bool is_event_file(const std::filesystem::path& path) {
  return path.filename().string().find(".tfevents.") != std::string::npos;
}

bool is_metric_file(const std::filesystem::path& path) {
  return is_event_file(path) || is_among_endings(path, kTableEndings) ||
         is_among_endings(path, kLineEndings);
}

std::unique_ptr<RowReader> make_row_reader(const std::filesystem::path& path, SharedPattern pattern,
                                           HearRow hear) {
  if (is_event_file(path)) return std::make_unique<EventRows>(std::move(hear));
  if (!pattern && is_among_endings(path, kTableEndings)) {
    return std::make_unique<CsvRows>(std::move(hear));
  }
  return std::make_unique<LineRows>(std::move(pattern), std::move(hear));
}

}  // namespace etalon
