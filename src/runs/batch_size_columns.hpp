// Which columns make the batch size: the examples that one update averages over. What one device
// takes in one micro-step is multiplied by the micro-steps and the devices.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runs/table.hpp"

namespace etalon {

struct BatchSizeColumns {
  std::vector<std::string> columns;  // the batch size is their product
  double factor = 1.0;               // times this

  // In the range of bounds.hpp. Throws InputError naming line and columns for what is not.
  double at(const Table& table, std::size_t row) const;
  // "batch_size x accumulation".
  std::string to_text() const;
};

// A product such as "micro_batch_size*accumulation*8": names of columns and numbers. Throws
// InputError for a name that is no column.
BatchSizeColumns parse_batch_size(const Table& table, std::string_view product);

// Guessed by the names and by what varies; what was taken is appended to `said`. Empty where no
// column looks like one.
std::optional<BatchSizeColumns> guess_batch_size(const Table& table,
                                                 std::vector<std::string>& said);

}  // namespace etalon
