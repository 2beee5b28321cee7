// Which files hold metrics, and what reads each.
#pragma once

#include <filesystem>
#include <memory>

#include "metrics/row_reader.hpp"
#include "program/line_pattern.hpp"

namespace etalon {

// Whether it is by its name a file of metrics: CSV, JSON lines, or TensorBoard's events.
bool is_metric_file(const std::filesystem::path& path);
bool is_event_file(const std::filesystem::path& path);

// By the name of the file: CSV, events, or else lines, read by the pattern where there is one, else
// in the forms of metric_text.hpp, JSON among them.
std::unique_ptr<RowReader> make_row_reader(const std::filesystem::path& path, SharedPattern pattern,
                                           HearRow hear);

}  // namespace etalon
