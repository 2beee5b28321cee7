// The columns in which a log counts on: its steps, or its epochs. Pure functions; safe from any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "metrics/metric_text.hpp"

namespace etalon {

// From 0, the finest; none for a name that counts nothing. Case, blanks, hyphens and underscores
// make no difference, nor what stands before the last slash ("trainer/global_step").
std::optional<int> counter_rank(std::string_view name);

struct LogCounter {
  std::size_t column = 0;  // in the row
  int rank = 0;
  double value = 0.0;  // finite
  bool is_epoch = false;
};

// The finest of a row.
std::optional<LogCounter> counter_of(std::span<const NamedValue> row);
std::optional<double> epoch_of(std::span<const NamedValue> row);

}  // namespace etalon
