// Lengths of training and the units in which they are counted. Pure functions of values.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace etalon {

// A step is one update, an epoch one pass over the training set.
enum class DurationUnit { steps, epochs, examples };

inline constexpr DurationUnit kDurationUnits[] = {DurationUnit::steps, DurationUnit::epochs,
                                                  DurationUnit::examples};

std::string_view to_string(DurationUnit unit);  // "steps", "epochs", "examples"

// A length of training, > 0 and finite, in the unit in which it was given.
struct Duration {
  double amount = 0.0;
  DurationUnit unit = DurationUnit::steps;

  bool operator==(const Duration&) const = default;
};

// `duration` counted in `unit` at this batch size; empty where that takes the size of the data set
// and none is given.
std::optional<double> in_unit(const Duration& duration, DurationUnit unit, double batch_size,
                              std::optional<std::int64_t> dataset_size);

}  // namespace etalon
