#include "data/array_examples.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostChannels = 4;  // that may stand last
constexpr std::int64_t kGreatestLabel = 9999;

std::string dimensions_text(const NpyArray& array) {
  return fmt::format("({})", fmt::join(array.shape, ", "));
}

void check_rows(const NpyArray& features, const NpyArray& answers) {
  const auto wants = [](const NpyArray& array, std::size_t most, const char* what) {
    if (!array.shape.empty() && array.shape.size() <= most && array.size() > 0) return;
    throw InputError(fmt::format("the array has shape {}", dimensions_text(array)), array.place,
                     fmt::format("give {}", what));
  };
  wants(features, 4, "features as (N, F), or images as (N, H, W) or (N, C, H, W)");
  wants(answers, 2, "labels as (N), or targets as (N) or (N, K)");
  if (features.shape[0] == answers.shape[0]) return;
  throw InputError(fmt::format("there are {} labels or targets for the {} rows in {}",
                               answers.shape[0], features.shape[0], features.place),
                   answers.place, "use arrays that belong together");
}

bool has_channels_last(const std::vector<std::int64_t>& shape) {
  return shape.size() == 4 && shape[3] <= kMostChannels && shape[1] > kMostChannels;
}

ExampleShape shape_of(const std::vector<std::int64_t>& shape) {
  ExampleShape example;
  if (shape.size() == 2) example.width = shape[1];
  if (shape.size() == 3) example.height = shape[1], example.width = shape[2];
  if (shape.size() < 4) return example;
  const bool is_last = has_channels_last(shape);
  example.channels = is_last ? shape[3] : shape[1];
  example.height = is_last ? shape[1] : shape[2];
  example.width = is_last ? shape[2] : shape[3];
  return example;
}

// (N, H, W, C) to (N, C, H, W).
template <typename Value>
SharedArray<Value> with_channels_first(const SharedArray<Value>& values,
                                       const ExampleShape& shape) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  const auto pixels = static_cast<std::size_t>(shape.height * shape.width);
  std::vector<Value> moved(values.size());
  for (std::size_t start = 0; start < values.size(); start += channels * pixels) {
    for (std::size_t i = 0; i < channels * pixels; ++i) {
      moved[start + i % channels * pixels + i / channels] = values[start + i];
    }
  }
  return SharedArray<Value>(std::move(moved));
}

void take_features(const NpyArray& array, ArrayExamples& into) {
  Examples& examples = into.examples;
  examples.shape = shape_of(array.shape);
  if (array.type.is_byte()) {
    examples.bytes = array.values;
  } else {
    examples.floats = npy_floats(array);
  }
  if (!has_channels_last(array.shape)) return;
  into.notes.push_back(fmt::format("{} has its channels last", array.place));
  examples.bytes = with_channels_first(examples.bytes, examples.shape);
  examples.floats = with_channels_first(examples.floats, examples.shape);
}

void take_answers(const NpyArray& array, ArrayExamples& into) {
  const std::int64_t columns = array.shape.size() == 2 ? array.shape[1] : 1;
  if (array.type.is_float()) {
    const SharedArray<float> targets = npy_floats(array);
    into.examples.targets.assign(targets.values().begin(), targets.values().end());
    into.examples.shape.outputs = columns;
    return;
  }
  if (columns != 1) {
    throw InputError(fmt::format("the labels have shape {}", dimensions_text(array)), array.place,
                     "give one label a row, or targets as floats");
  }
  into.labels = npy_whole_numbers(array);
}

std::vector<std::int64_t> distinct_labels(const std::vector<ArrayExamples*>& sets) {
  std::vector<std::int64_t> all;
  for (const ArrayExamples* set : sets)
    all.insert(all.end(), set->labels.begin(), set->labels.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void set_labels(ArrayExamples& set, const std::vector<std::int64_t>& classes) {
  for (const std::int64_t label : set.labels) {
    const auto found = std::lower_bound(classes.begin(), classes.end(), label);
    set.examples.labels.push_back(static_cast<std::int32_t>(found - classes.begin()));
  }
  set.examples.shape.classes = std::ssize(classes);
}

}  // namespace

ArrayExamples array_examples(const NpyArray& features, const NpyArray& answers) {
  check_rows(features, answers);
  ArrayExamples examples;
  take_features(features, examples);
  take_answers(answers, examples);
  return examples;
}

void number_classes(std::vector<ArrayExamples*> sets, const std::string& place) {
  if (sets.front()->examples.shape.is_regression()) return;
  std::vector<std::int64_t> classes = distinct_labels(sets);
  if (classes.size() < 2) throw InputError("all labels are the same", place, "give two classes");
  if (std::ssize(classes) > kGreatestLabel + 1) {
    throw InputError(fmt::format("there are {} different labels", classes.size()), place,
                     "give targets as floats where they are numbers to predict");
  }
  if (classes.front() >= 0 && classes.back() <= kGreatestLabel) {
    const std::int64_t count = classes.back() + 1;
    classes.clear();
    for (std::int64_t label = 0; label < count; ++label) classes.push_back(label);
  }
  for (ArrayExamples* set : sets) set_labels(*set, classes);
}

}  // namespace etalon
