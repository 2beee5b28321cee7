#include "scaling/duration.hpp"

namespace etalon {

std::optional<double> in_examples(const Duration& duration, double batch_size,
                                  std::optional<std::int64_t> dataset_size) {
  switch (duration.unit) {
    case DurationUnit::steps:
      return duration.amount * batch_size;
    case DurationUnit::examples:
      return duration.amount;
    case DurationUnit::epochs:
      if (!dataset_size) return std::nullopt;
      return duration.amount * static_cast<double>(*dataset_size);
  }
  return std::nullopt;
}

std::optional<double> in_unit(const Duration& duration, DurationUnit unit, double batch_size,
                              std::optional<std::int64_t> dataset_size) {
  if (duration.unit == unit) return duration.amount;
  const std::optional<double> examples = in_examples(duration, batch_size, dataset_size);
  if (!examples) return std::nullopt;
  switch (unit) {
    case DurationUnit::steps:
      return *examples / batch_size;
    case DurationUnit::examples:
      return examples;
    case DurationUnit::epochs:
      if (!dataset_size) return std::nullopt;
      return *examples / static_cast<double>(*dataset_size);
  }
  return std::nullopt;
}

std::string_view unit_name(DurationUnit unit) {
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

}  // namespace etalon
