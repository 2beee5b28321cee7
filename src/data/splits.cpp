#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "core/number_text.hpp"
#include "core/random.hpp"
#include "data/source.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostValidation = 5000;  // unless asked for more

std::string shape_text(const ExampleShape& shape) {
  return fmt::format("{} x {} x {}", shape.channels, shape.height, shape.width);
}

void check_alike(ExampleShape train, const ExampleShape& test, const std::string& place) {
  train.classes = test.classes;
  if (train == test) return;
  throw InputError(fmt::format("training examples have shape {}, test examples {}",
                               shape_text(train), shape_text(test)),
                   place, "use files that belong together");
}

std::size_t validation_count(const SplitOptions& options, std::size_t examples,
                             const std::string& source) {
  const auto all = static_cast<std::int64_t>(examples);
  const std::int64_t count =
      options.validation_size.value_or(std::clamp<std::int64_t>(all / 5, 1, kMostValidation));
  if (count < all) return static_cast<std::size_t>(count);
  throw InputError(fmt::format("{} is {}", field_name("validation_size"), count),
                   fmt::format("{} has {} training examples", source, all),
                   "it must be less than that");
}

void check_enough_rows(std::size_t rows, const std::string& place) {
  if (rows >= 3) return;
  throw InputError(fmt::format("there are {} rows of examples", rows), place,
                   "give at least three: to train, to validate and to test");
}

Dataset selected(const Dataset& all, const char* name, std::span<const std::uint32_t> order) {
  Dataset part{name, all.examples, {}};
  part.rows.reserve(order.size());
  for (const std::uint32_t index : order) part.rows.push_back(all.rows[index]);
  return part;
}

}  // namespace

void SplitOptions::validate() const {
  if (validation_size && *validation_size < 1) {
    throw InputError(fmt::format("{} is {}", field_name("validation_size"), *validation_size), "",
                     "it must be at least 1");
  }
}

LoadedSource with_test_set(Examples train, Examples test, const std::string& place) {
  check_alike(train.shape, test.shape, place);
  train.shape.classes = test.shape.classes = std::max(train.shape.classes, test.shape.classes);
  return {whole("train", std::move(train)), whole("test", std::move(test))};
}

TestPart test_part(const SpecText& source) {
  TestPart part;
  const auto text = source.value("test");
  if (!text) return part;
  if (!number_in<double>(*text)) {
    part.file = *text;
  } else {
    part.share = source.number("test", kInnerShare).value();
  }
  return part;
}

LoadedSource with_test_share(Examples all, double share, const std::string& place,
                             const SplitOptions& options) {
  Dataset train = whole("train", std::move(all));
  check_enough_rows(train.size(), place);
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(train.size()));
  const std::size_t count = std::clamp<std::size_t>(wanted, 1, train.size() - 2);
  RandomStream stream(options.seed, "test");
  const std::vector<std::uint32_t> order =
      random_permutation(static_cast<std::uint32_t>(train.size()), stream);
  const std::span<const std::uint32_t> indices(order);
  Dataset test = selected(train, "test", indices.first(count));
  return {selected(train, "train", indices.subspan(count)), std::move(test)};
}

LoadedSource with_test_rows(Examples all, std::size_t training, const std::string& place) {
  Dataset train = whole("train", std::move(all));
  check_enough_rows(training, place);
  Dataset test{"test", train.examples, {}};
  const auto first = train.rows.begin() + static_cast<std::ptrdiff_t>(training);
  test.rows.assign(first, train.rows.end());
  train.rows.erase(first, train.rows.end());
  return {std::move(train), std::move(test)};
}

std::shared_ptr<const DataSplits> split_at_random(LoadedSource loaded, const std::string& source,
                                                  const SplitOptions& options) {
  const std::size_t validation = validation_count(options, loaded.train.size(), source);
  RandomStream stream(options.seed, "split");
  const std::vector<std::uint32_t> order =
      random_permutation(static_cast<std::uint32_t>(loaded.train.size()), stream);
  const std::span<const std::uint32_t> indices(order);
  DataSplits splits{.source = source,
                    .train = selected(loaded.train, "train", indices.subspan(validation)),
                    .validation = selected(loaded.train, "validation", indices.first(validation)),
                    .test = std::move(loaded.test),
                    .normalization = {},
                    .notes = std::move(loaded.notes)};
  splits.test.name = "test";
  splits.normalization = measure_normalization(splits.train);
  return std::make_shared<const DataSplits>(std::move(splits));
}

}  // namespace etalon
