// Bytes of a file of metrics, in pieces of any size, read into rows: names with their numbers. A
// row may name its step, its epoch or its examples beside the metrics.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "program/line_pattern.hpp"
#include "program/metric_text.hpp"

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

// Whether it is by its name a file of metrics: CSV, JSON lines, or TensorBoard's events.
bool is_metric_file(const std::filesystem::path& path);
bool is_event_file(const std::filesystem::path& path);

// By the name of the file: CSV, events, or else lines, read by the pattern where there is one, else
// in the forms of metric_text.hpp, JSON among them.
std::unique_ptr<RowReader> make_row_reader(const std::filesystem::path& path, SharedPattern pattern,
                                           HearRow hear);

}  // namespace etalon
