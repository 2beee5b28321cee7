// Durations in other units.
#pragma once

#include <optional>
#include <string_view>

#include "etalon/scaling.hpp"

namespace etalon {

// Examples that the duration takes at this batch size; empty for epochs of an unknown data set.
std::optional<double> in_examples(const Duration& duration, double batch_size,
                                  std::optional<std::int64_t> dataset_size);

// The duration in `unit`; empty where the size of the data set is needed and unknown.
std::optional<double> in_unit(const Duration& duration, DurationUnit unit, double batch_size,
                              std::optional<std::int64_t> dataset_size);

std::string_view unit_name(DurationUnit unit);

}  // namespace etalon
