#include "data/csv_examples.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "core/csv.hpp"
#include "core/number_text.hpp"
#include "core/text.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostClasses = 10'000;
constexpr const char* kWhereNoClass =
    "write target=COLUMN where it is a number to predict, or label=ANOTHER";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A whole number as such, however it is written: data frames write 1.0.
std::string class_name(std::string_view text) {
  const auto number = number_in<std::int64_t>(text) ? std::nullopt : number_in<double>(text);
  const bool is_whole = number && std::abs(*number) < 1e15 && *number == std::floor(*number);
  return is_whole ? std::to_string(static_cast<std::int64_t>(*number)) : std::string(text);
}

}  // namespace

const std::vector<std::string_view>& RowFields::split(std::string_view line, char separator) {
  views_.clear();
  if (line.find('"') == std::string_view::npos) {
    split_plain(line, separator);
  } else {
    fields_ = csv_fields(line, separator);
    views_.assign(fields_.begin(), fields_.end());
  }
  for (std::string_view& view : views_) view = trimmed(view);
  return views_;
}

void RowFields::split_plain(std::string_view line, char separator) {
  for (std::size_t end = line.find(separator); end != std::string_view::npos;
       end = line.find(separator)) {
    views_.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  views_.push_back(line);
}

void CsvExamples::read(const std::filesystem::path& path) {
  TextLines lines(path);
  lines_ = &lines;
  is_open_ = false;
  std::string_view line;
  while (lines.next(line)) {
    line_ = lines.number();
    if (!trimmed(line).empty()) take(line);
  }
  if (!is_open_ && !first_) refuse("the file is empty", kFetchAgain);
  if (!is_open_) open({});
}

// The first line waits for the second: only together do they tell whether there is a header.
void CsvExamples::take(std::string_view line) {
  if (!is_open_ && !first_) {
    if (!columns_) separator_ = csv_separator(line);
    first_ = copied(line);
    first_number_ = line_;
    return;
  }
  if (!is_open_) open(copied(line));
  take_row(fields_.split(line, separator_));
}

CsvExamples::Fields CsvExamples::copied(std::string_view line) {
  const auto& fields = fields_.split(line, separator_);
  return {fields.begin(), fields.end()};
}

void CsvExamples::open(const Fields& second) {
  const Fields first = std::exchange(first_, std::nullopt).value();
  const std::int64_t line = std::exchange(line_, first_number_);
  CsvColumns columns = choose_columns(first, second, source_);
  if (columns.features.empty()) {
    refuse("there is no column of features", "give at least two columns");
  }
  if (columns_ && columns.names != columns_->names) {
    refuse("the file has other columns than the training file", "give it the same");
  }
  const bool is_row = !columns.has_header;
  if (!columns_) columns_ = std::move(columns);
  if (is_row) take_row({first.begin(), first.end()});
  line_ = line;
  is_open_ = true;
}

void CsvExamples::take_row(const std::vector<std::string_view>& fields) {
  if (fields.size() != columns_->names.size()) {
    refuse(fmt::format("the row has {} fields and the first has {}", fields.size(),
                       columns_->names.size()),
           "give every row every column");
  }
  for (const std::size_t column : columns_->features) {
    features_.push_back(number_of(fields, column));
  }
  if (columns_->is_target) {
    targets_.push_back(number_of(fields, columns_->answer));
  } else {
    labels_.push_back(label_of(fields[columns_->answer]));
  }
  ++rows_;
}

std::string CsvExamples::column_text(std::size_t column) const {
  return fmt::format("column '{}'", shortened(columns_->names[column]));
}

float CsvExamples::number_of(const std::vector<std::string_view>& fields,
                             std::size_t column) const {
  std::string_view text = fields[column];
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto value = static_cast<float>(number_in<double>(text).value_or(NAN));
  if (std::isfinite(value)) return value;
  refuse(text.empty() ? fmt::format("{} has no value", column_text(column))
                      : fmt::format("'{}' in {} is no number that a float holds", shortened(text),
                                    column_text(column)),
         "write a number, or leave the column out with drop=COLUMN");
}

std::int32_t CsvExamples::label_of(std::string_view text) {
  const auto column = [this] { return column_text(columns_->answer); };
  if (text.empty()) refuse(fmt::format("{} has no label", column()), "give every row one");
  const std::string name = class_name(text);
  if (number_in<double>(name) && !number_in<std::int64_t>(name)) {
    refuse(fmt::format("'{}' in {} is no class", shortened(text), column()), kWhereNoClass);
  }
  const std::int32_t label = classes_.number_of(name);
  if (classes_.size() <= kMostClasses) return label;
  refuse(fmt::format("{} has more than {} different labels", column(), kMostClasses),
         kWhereNoClass);
}

void CsvExamples::refuse(const std::string& what, const std::string& what_to_do) const {
  lines_->refuse(line_, what, what_to_do);
}

Examples CsvExamples::finish() {
  Examples examples;
  examples.shape.width = static_cast<std::int64_t>(columns_->features.size());
  examples.floats = SharedArray(std::move(features_));
  examples.targets = std::move(targets_);
  examples.labels = std::move(labels_);
  examples.shape.outputs = columns_->is_target ? 1 : 0;
  if (columns_->is_target) return examples;
  classes_.put_in_order(examples.labels);
  examples.shape.classes = static_cast<std::int64_t>(classes_.size());
  if (classes_.size() >= 2) return examples;
  source_.refuse("all labels are the same", "name another column by label=COLUMN");
}

}  // namespace etalon
