#include "etalon/duration.hpp"

namespace etalon {
namespace {

// Examples in one of `unit`; empty for epochs of an unknown data set.
std::optional<double> examples_in(DurationUnit unit, double batch_size,
                                  std::optional<std::int64_t> dataset_size) {
  switch (unit) {
    case DurationUnit::steps:
      return batch_size;
    case DurationUnit::examples:
      return 1.0;
    case DurationUnit::epochs:
      if (dataset_size) return static_cast<double>(*dataset_size);
      break;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(DurationUnit unit) {
  switch (unit) {
    case DurationUnit::steps:
      return "steps";
    case DurationUnit::epochs:
      return "epochs";
    case DurationUnit::examples:
      return "examples";
  }
  return "";
}

std::optional<double> in_unit(const Duration& duration, DurationUnit unit, double batch_size,
                              std::optional<std::int64_t> dataset_size) {
  if (duration.unit == unit) return duration.amount;
  const auto given = examples_in(duration.unit, batch_size, dataset_size);
  const auto wanted = examples_in(unit, batch_size, dataset_size);
  if (!given || !wanted) return std::nullopt;
  return duration.amount * *given / *wanted;
}

}  // namespace etalon
