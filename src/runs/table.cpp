#include "runs/table.hpp"

#include <fstream>
#include <utility>

#include "etalon/error.hpp"
#include "runs/byte_source.hpp"
#include "runs/csv_table.hpp"
#include "runs/json_table.hpp"
#include "runs/table_builder.hpp"

namespace etalon {
namespace {

// A column of more texts, or of a longer one, is no setting that tells groups apart.
constexpr std::size_t kMostTexts = 1000;
constexpr std::size_t kLongestSetting = 200;
// What a distinct text takes beside its own bytes, about.
constexpr std::size_t kBytesPerText = 128;

}  // namespace

std::uint32_t TableColumn::code_at(std::size_t row) const {
  const bool has_one = row >= first_row_ && row - first_row_ < cells_.size();
  return has_one ? cells_[row - first_row_] : 0;
}

const std::string& TableColumn::at(std::size_t row) const { return texts_[code_at(row)]; }

std::optional<std::size_t> TableColumn::last_row() const {
  if (cells_.empty()) return std::nullopt;
  return first_row_ + cells_.size() - 1;
}

std::size_t TableColumn::set(std::size_t row, std::string_view text) {
  if (cells_.empty() || !is_kept_) first_row_ = row;
  const std::size_t had = is_kept_ ? cells_.size() : 0;
  std::size_t bytes = 0;
  cells_.resize(row - first_row_, 0);
  cells_.push_back(is_kept_ ? code_of(text, bytes) : 0);
  const bool is_too_much =
      !is_wanted_ && (texts_.size() > kMostTexts || text.size() > kLongestSetting);
  if (is_kept_ && is_too_much) let_go();
  return is_kept_ ? bytes + (cells_.size() - had) * sizeof(std::uint32_t) : 0;
}

std::uint32_t TableColumn::code_of(std::string_view text, std::size_t& bytes) {
  if (text.empty()) return 0;
  const auto [found, is_new] =
      codes_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
  if (is_new) {
    texts_.emplace_back(text);
    bytes += 2 * text.size() + kBytesPerText;
  }
  return found->second;
}

void TableColumn::keep(const std::vector<std::size_t>& rows) {
  TableColumn kept(name_, true);
  const std::size_t end = first_row_ + cells_.size();
  for (std::size_t i = 0; is_kept_ && i < rows.size() && rows[i] < end; ++i) {
    if (code_at(rows[i]) != 0) kept.set(i, at(rows[i]));
  }
  kept.is_wanted_ = is_wanted_;
  kept.is_kept_ = is_kept_;
  *this = std::move(kept);
}

// It still knows the last row that was set.
void TableColumn::let_go() {
  first_row_ += cells_.size() - 1;
  is_kept_ = false;
  texts_ = {""};
  codes_ = {};
  cells_ = {0};
}

std::optional<std::size_t> Table::find_column(std::string_view column) const {
  const auto found = index.find(std::string(column));
  if (found == index.end()) return std::nullopt;
  return found->second;
}

const TableColumn& Table::column(std::string_view wanted) const {
  return columns.at(find_column(wanted).value());
}

void Table::keep(const std::vector<std::size_t>& rows) {
  for (TableColumn& column : columns) column.keep(rows);
  std::vector<std::size_t> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(lines[row]);
  lines = std::move(kept);
}

std::vector<std::string> Table::column_names() const {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const TableColumn& column : columns) names.push_back(column.name());
  return names;
}

Table read_table(std::istream& input, std::string name, const TableOptions& options) {
  ByteSource source(input, name, options);
  TableBuilder table(std::move(name), options);
  source.skip_blanks();
  if (source.peek() == '{') {
    read_json_lines(source, table);
  } else if (source.peek() == '[') {
    read_json_list(source, table);
  } else {
    read_csv(source, table);
  }
  Table result = std::move(table).finish();
  if (!result.columns.empty()) return result;
  throw InputError("no row has a named value that is no list", result.name,
                   "give the settings and the results of each run by name");
}

Table read_table(const std::filesystem::path& path, const TableOptions& options) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw InputError("the file cannot be read", path.string(), "check its name");
  return read_table(input, path.string(), options);
}

}  // namespace etalon
