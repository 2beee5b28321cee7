// Lengths of training and the units in which they are counted.
#pragma once

namespace etalon {

// A step is one update, an epoch one pass over the training set.
enum class DurationUnit { steps, epochs, examples };

// A length of training, > 0 and finite, in the unit in which it was given.
struct Duration {
  double amount = 0.0;
  DurationUnit unit = DurationUnit::steps;

  bool operator==(const Duration&) const = default;
};

}  // namespace etalon
