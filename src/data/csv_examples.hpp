// The rows of a CSV file, or of two with the same columns, as examples. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec_text.hpp"
#include "data/class_names.hpp"
#include "data/csv_columns.hpp"
#include "data/dataset.hpp"
#include "data/text_lines.hpp"

namespace etalon {

// The fields of one line after another, without a copy where none is quoted.
class RowFields {
 public:
  // Trimmed, and good until the next call.
  const std::vector<std::string_view>& split(std::string_view line, char separator);

 private:
  void split_plain(std::string_view line, char separator);

  std::vector<std::string> fields_;
  std::vector<std::string_view> views_;
};

class CsvExamples {
 public:
  explicit CsvExamples(const SpecText& source) : source_(source) {}

  // Adds the rows of a file. Throws InputError that names file and line where one is malformed.
  void read(const std::filesystem::path& path);

  std::size_t rows() const { return rows_; }
  std::vector<std::string> notes() const { return columns_->notes; }

  // What was read, once.
  Examples finish();

 private:
  using Fields = std::vector<std::string>;

  void take(std::string_view line);
  Fields copied(std::string_view line);
  void open(const Fields& second);
  void take_row(const std::vector<std::string_view>& fields);
  std::string column_text(std::size_t column) const;
  float number_of(const std::vector<std::string_view>& fields, std::size_t column) const;
  std::int32_t label_of(std::string_view text);
  [[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) const;

  const SpecText& source_;
  std::optional<CsvColumns> columns_;
  char separator_ = ',';
  const TextLines* lines_ = nullptr;  // of the file that is read
  std::int64_t line_ = 0;             // of the row that is taken
  std::int64_t first_number_ = 0;     // of the first line
  std::optional<Fields> first_;       // the first line, until the second is there
  bool is_open_ = false;
  std::size_t rows_ = 0;
  RowFields fields_;
  ClassNames classes_;
  std::vector<float> features_, targets_;
  std::vector<std::int32_t> labels_;
};

}  // namespace etalon
