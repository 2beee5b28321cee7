// Bytes of a file of metrics, in pieces of any size, read into rows: names with their numbers. A
// row may name its step, its epoch or its examples beside the metrics.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "metrics/metric_text.hpp"

namespace etalon {

using HearRow = std::function<void(std::span<const NamedValue> row)>;

class RowReader {
 public:
  virtual ~RowReader() = default;
  // Hears every row that `bytes` completes.
  virtual void take(std::string_view bytes) = 0;
  // Hears what is left without its end, where that makes sense.
  virtual void finish() = 0;
  // What is wrong with the bytes, from where on they are not read; empty: nothing.
  virtual std::string damage() const { return ""; }
};

}  // namespace etalon
