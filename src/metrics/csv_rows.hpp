// Rows of a CSV file as a logger writes it: a header, then fields between commas (tabs or
// semicolons, where the header has no comma), quoted as RFC 4180 says. Rows may be ragged: cells
// that are empty, hold no number or have no name are left out. A line that repeats names of the
// header, as a second run writes it into the same file, is a header too.
//
// A row longer than `kLongest` is cut there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "metrics/row_reader.hpp"

namespace etalon {

// The fields of a header as the rows below it have them, without its line's end.
std::vector<std::string> csv_fields(std::string_view header);

class CsvRows final : public RowReader {
 public:
  static constexpr std::size_t kLongest = std::size_t{256} * 1024;  // bytes

  explicit CsvRows(HearRow hear) : hear_(std::move(hear)) {}
  void take(std::string_view bytes) override;
  void finish() override;

 private:
  void take(char byte);
  void hear_row(const std::vector<std::string>& fields) const;
  bool is_header(const std::vector<std::string>& fields) const;

  const HearRow hear_;
  std::string row_;
  bool in_quotes_ = false;
  char delimiter_ = ',';
  std::vector<std::string> header_;
};

}  // namespace etalon
