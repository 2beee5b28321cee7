#include "data/dataset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>

#include "data/idx.hpp"
#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

// Images of 2 x 3 whose pixels are all the number of the image, so that each can be recognized.
void write_numbered_set(const std::filesystem::path& directory, std::uint32_t train) {
  testing::write_small_set(directory, train, 10);
  testing::Bytes pixels;
  for (std::uint32_t n = 0; n < train; ++n)
    pixels.insert(pixels.end(), 6, static_cast<std::uint8_t>(n));
  testing::write_file(directory / "train-images-idx3-ubyte",
                      testing::idx_bytes({train, 2, 3}, pixels));
}

int first_pixel(const Dataset& dataset, std::size_t n) {
  return dataset.examples->bytes[dataset.rows[n] * dataset.features()];
}

std::vector<int> numbers(const Dataset& dataset) {
  std::vector<int> result;
  for (std::size_t n = 0; n < dataset.size(); ++n) result.push_back(first_pixel(dataset, n));
  return result;
}

std::string refusal(const std::string& source, const SplitOptions& options) {
  try {
    load_splits(source, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "loaded without an error";
}

class Splits : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  std::string source_ = "idx:" + directory_.path().string();
};

TEST_F(Splits, CutTheTrainingSetInTwoWithoutOverlap) {
  write_numbered_set(directory_.path(), 100);
  const auto splits = load_splits(source_, {.validation_size = 30, .seed = 1});
  EXPECT_EQ(splits->validation.size(), 30u);
  EXPECT_EQ(splits->train.size(), 70u);
  EXPECT_EQ(splits->test.size(), 10u);
  std::vector<int> all = numbers(splits->train);
  for (const int number : numbers(splits->validation)) all.push_back(number);
  std::sort(all.begin(), all.end());
  for (int n = 0; n < 100; ++n) EXPECT_EQ(all[static_cast<std::size_t>(n)], n);
}

TEST_F(Splits, KeepEveryImageWithItsLabel) {
  write_numbered_set(directory_.path(), 100);
  const auto splits = load_splits(source_, {.validation_size = 30, .seed = 1});
  for (const Dataset* part : {&splits->train, &splits->validation}) {
    for (std::size_t n = 0; n < part->size(); ++n) {
      EXPECT_EQ(part->label(n), first_pixel(*part, n) % 4);  // as write_small_set labels them
    }
  }
}

TEST_F(Splits, DependOnTheSeedAlone) {
  write_numbered_set(directory_.path(), 100);
  const auto validation = [&](std::uint64_t seed) {
    return numbers(load_splits(source_, {.validation_size = 30, .seed = seed})->validation);
  };
  EXPECT_EQ(validation(1), validation(1));
  EXPECT_NE(validation(1), validation(2));
}

TEST_F(Splits, MeasureTheNormalizationOnTheTrainingPartOnly) {
  write_numbered_set(directory_.path(), 100);
  const auto splits = load_splits(source_, {.validation_size = 30, .seed = 1});
  double sum = 0.0, squares = 0.0;
  for (const int n : numbers(splits->train)) {
    sum += n;
    squares += n * n;
  }
  const double mean = sum / 70.0;
  EXPECT_FLOAT_EQ(splits->normalization.mean.at(0), static_cast<float>(mean));
  EXPECT_FLOAT_EQ(splits->normalization.scale.at(0),
                  static_cast<float>(1.0 / std::sqrt(squares / 70.0 - mean * mean)));
}

TEST_F(Splits, CountTheClassesOfTrainingAndTestSetTogether) {
  write_numbered_set(directory_.path(), 100);
  testing::write_file(directory_.path() / "t10k-labels-idx1-ubyte",
                      testing::idx_bytes({10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const auto splits = load_splits(source_, {.validation_size = 30});
  EXPECT_EQ(splits->train.shape().classes, 10);
  EXPECT_EQ(splits->validation.shape().classes, 10);
  EXPECT_EQ(splits->test.shape().classes, 10);
}

TEST_F(Splits, RefuseAValidationSetThatLeavesNothingToTrainOn) {
  write_numbered_set(directory_.path(), 100);
  EXPECT_THAT(refusal(source_, {.validation_size = 100}), HasSubstr("has 100 training examples"));
  EXPECT_THAT(refusal(source_, {.validation_size = 0}), HasSubstr("validation_size is 0"));
  EXPECT_EQ(load_splits(source_, {.validation_size = 98})->train.size(), 2u);
}

TEST_F(Splits, RefuseImagesThatAreAllAlike) {
  testing::write_small_set(directory_.path(), 20, 10);
  testing::write_file(directory_.path() / "train-images-idx3-ubyte",
                      testing::idx_bytes({20, 2, 3}, testing::Bytes(120, 7)));
  EXPECT_THAT(refusal(source_, {.validation_size = 5}), HasSubstr("the same value"));
}

TEST_F(Splits, RefuseTestImagesOfAnotherShape) {
  testing::write_small_set(directory_.path(), 20, 10);
  testing::write_file(directory_.path() / "t10k-images-idx3-ubyte",
                      testing::idx_bytes({10, 3, 3}, testing::counting(90, 251)));
  EXPECT_THAT(refusal(source_, {.validation_size = 5}),
              HasSubstr("1 x 2 x 3, test examples 1 x 3 x 3"));
}

TEST_F(Splits, RefuseAnUnknownOrMissingSource) {
  EXPECT_THAT(refusal("cifar", {}), HasSubstr("there is no data set 'cifar'"));
  EXPECT_THAT(refusal("idx:", {}), HasSubstr("idx:DIR"));
  EXPECT_THAT(refusal("idx:/no/such", {}), HasSubstr("/no/such"));
  EXPECT_THAT(refusal(source_, {}), HasSubstr("there is no file train-images-idx3-ubyte"));
}

TEST_F(Splits, FindFashionMnistWhereTheEnvironmentSays) {
  const char* before = std::getenv("ETALON_DATA");
  const std::string kept = before != nullptr ? before : "";
  setenv("ETALON_DATA", directory_.path().c_str(), 1);
  testing::write_small_set(directory_.path(), 20, 10);
  EXPECT_EQ(load_splits("fashion-mnist", {.validation_size = 5})->train.size(), 15u);
  std::filesystem::create_directory(directory_.path() / "fashion-mnist");
  testing::write_small_set(directory_.path() / "fashion-mnist", 30, 10);
  EXPECT_EQ(load_splits("fashion-mnist", {.validation_size = 5})->train.size(), 25u);
  if (before != nullptr) {
    setenv("ETALON_DATA", kept.c_str(), 1);
  } else {
    unsetenv("ETALON_DATA");
  }
}

std::array<int, 10> class_counts(const Dataset& dataset) {
  std::array<int, 10> counts{};
  for (std::size_t n = 0; n < dataset.size(); ++n) {
    ++counts.at(static_cast<std::size_t>(dataset.label(n)));
  }
  return counts;
}

// Xiao, Rasul, Vollgraf 2017 (arXiv 1708.07747): 60,000 and 10,000 images of 28 x 28, 10 classes of
// equal size. Mean 0.2860 and standard deviation 0.3530 of the training pixels, scaled to 0 ... 1,
// are the values in common use.
TEST(FashionMnist, HasItsPublishedSizesAndMoments) {
  const auto splits = load_splits("fashion-mnist", {});
  EXPECT_EQ(splits->train.size(), 55000u);
  EXPECT_EQ(splits->validation.size(), 5000u);
  EXPECT_EQ(splits->test.size(), 10000u);
  EXPECT_EQ(splits->train.features(), 784u);
  EXPECT_EQ(splits->train.shape().channels, 1);
  EXPECT_EQ(splits->train.shape().classes, 10);
  const auto train = class_counts(splits->train), validation = class_counts(splits->validation);
  for (std::size_t c = 0; c < 10; ++c) {
    EXPECT_EQ(train[c] + validation[c], 6000);
    EXPECT_EQ(class_counts(splits->test)[c], 1000);
  }
  Dataset both = splits->train;
  both.rows.insert(both.rows.end(), splits->validation.rows.begin(), splits->validation.rows.end());
  const Normalization all = measure_normalization(both);
  EXPECT_NEAR(all.mean.at(0) / 255.0, 0.2860, 0.00006);
  EXPECT_NEAR(1.0 / all.scale.at(0) / 255.0, 0.3530, 0.00006);
  EXPECT_NEAR(splits->normalization.mean.at(0), all.mean.at(0), 0.3);
  EXPECT_NEAR(splits->normalization.scale.at(0) / all.scale.at(0), 1.0, 0.003);
}

}  // namespace
}  // namespace etalon
