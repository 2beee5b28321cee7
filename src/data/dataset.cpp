#include "data/dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <span>

#include "core/choice.hpp"
#include "core/random.hpp"
#include "data/idx.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianFashionMnist = "/usr/share/datasets/fashion-mnist";

fs::path fashion_mnist_directory() {
  if (const char* data = std::getenv("ETALON_DATA"); data != nullptr && *data != '\0') {
    const fs::path root = data;
    for (const fs::path& directory : {root / "fashion-mnist", root}) {
      if (has_idx_pair(directory, "train")) return directory;
    }
  }
  if (has_idx_pair(kDebianFashionMnist, "train")) return kDebianFashionMnist;
  throw InputError("Fashion-MNIST is not there", kDebianFashionMnist,
                   "install the package dataset-fashion-mnist, or set ETALON_DATA to a directory "
                   "with its four files");
}

fs::path directory_of(const std::string& source) {
  constexpr std::string_view kIdx = "idx:";
  if (source == "fashion-mnist") return fashion_mnist_directory();
  if (!source.starts_with(kIdx) || source.size() == kIdx.size()) {
    throw InputError(fmt::format("there is no data set '{}'", source), "",
                     choose_instead(source, std::vector<std::string>{"fashion-mnist", "idx:DIR"}));
  }
  fs::path directory = source.substr(kIdx.size());
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw InputError("there is no such directory", directory.string(),
                     "name one with the four IDX files of a data set");
  }
  return directory;
}

void check_alike(const Dataset& train, const Dataset& test, const fs::path& directory) {
  if (train.channels == test.channels && train.height == test.height && train.width == test.width) {
    return;
  }
  throw InputError(fmt::format("training images have shape {} x {} x {}, test images {} x {} x {}",
                               train.channels, train.height, train.width, test.channels,
                               test.height, test.width),
                   directory.string(), "use files that belong together");
}

Dataset select(const Dataset& all, std::span<const std::uint32_t> indices) {
  Dataset part = {.name = all.name,
                  .channels = all.channels,
                  .height = all.height,
                  .width = all.width,
                  .classes = all.classes,
                  .pixels = {},
                  .labels = {}};
  const std::size_t features = all.features();
  part.pixels.reserve(indices.size() * features);
  part.labels.reserve(indices.size());
  for (const std::uint32_t index : indices) {
    const std::uint8_t* row = all.pixels.data() + index * features;
    part.pixels.insert(part.pixels.end(), row, row + features);
    part.labels.push_back(all.labels[index]);
  }
  return part;
}

}  // namespace

Normalization measure_normalization(const Dataset& dataset) {
  std::uint64_t counts[256] = {};
  for (const std::uint8_t pixel : dataset.pixels) ++counts[pixel];
  const auto n = static_cast<double>(dataset.pixels.size());
  double sum = 0.0;
  for (int value = 0; value < 256; ++value) sum += value * static_cast<double>(counts[value]);
  const double mean = sum / n;
  double squares = 0.0;
  for (int value = 0; value < 256; ++value) {
    squares += (value - mean) * (value - mean) * static_cast<double>(counts[value]);
  }
  if (!(squares > 0.0)) {
    throw InputError("all training pixels have the same value", dataset.name,
                     "use images that differ");
  }
  return {static_cast<float>(mean), static_cast<float>(1.0 / std::sqrt(squares / n))};
}

void SplitOptions::validate() const {
  if (validation_size < 1) {
    throw InputError(fmt::format("{} is {}", field_name("validation_size"), validation_size), "",
                     "it must be at least 1");
  }
}

std::shared_ptr<const DataSplits> load_splits(const std::string& source,
                                              const SplitOptions& options) {
  options.validate();
  const fs::path directory = directory_of(source);
  Dataset all = read_idx_pair(directory, "train");
  auto splits = std::make_shared<DataSplits>();
  splits->source = source;
  splits->test = read_idx_pair(directory, "t10k");
  check_alike(all, splits->test, directory);
  all.classes = splits->test.classes = std::max(all.classes, splits->test.classes);
  if (options.validation_size >= static_cast<std::int64_t>(all.size())) {
    throw InputError(
        fmt::format("{} is {}", field_name("validation_size"), options.validation_size),
        fmt::format("{} has {} training examples", source, all.size()),
        "it must be less than that");
  }
  RandomStream stream(options.seed, "split");
  const std::vector<std::uint32_t> order =
      random_permutation(static_cast<std::uint32_t>(all.size()), stream);
  const std::span<const std::uint32_t> indices(order);
  const auto validation_size = static_cast<std::size_t>(options.validation_size);
  splits->validation = select(all, indices.first(validation_size));
  splits->train = select(all, indices.subspan(validation_size));
  splits->train.name = "train";
  splits->validation.name = "validation";
  splits->test.name = "test";
  splits->normalization = measure_normalization(splits->train);
  return splits;
}

}  // namespace etalon
