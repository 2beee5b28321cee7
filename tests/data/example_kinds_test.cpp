// Features, targets and text: what a network is given of each, held against numbers worked out by
// hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/gather.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;

// Rows 0 ... 3 of three features, the last of which is always 7.
Examples feature_rows() {
  Examples examples{.shape = {.width = 3, .classes = 2}};
  examples.floats = SharedArray(std::vector<float>{1, 10, 7, 2, 20, 7, 3, 30, 7, 4, 40, 7});
  examples.labels = {0, 1, 1, 0};
  return examples;
}

Examples text_of(const std::string& text, std::int64_t context, std::int64_t stride) {
  Examples examples{
      .shape = {.width = context, .vocabulary = 256, .positions = context, .classes = 256}};
  examples.bytes = SharedArray(std::vector<std::uint8_t>(text.begin(), text.end()));
  examples.stride = stride;
  return examples;
}

TEST(ExampleKinds, FeaturesAreStandardizedOneByOne) {
  const Dataset dataset = whole("rows", feature_rows());
  const Normalization by = measure_normalization(dataset);
  EXPECT_THAT(by.mean, ElementsAre(2.5f, 25.0f, 7.0f));
  // Deviations of 1, 2, 3, 4: the mean of 2.25, 0.25, 0.25, 2.25 is 1.25. What never changes stays
  // 0.
  const auto scale = static_cast<float>(1.0 / std::sqrt(1.25));
  EXPECT_THAT(by.scale, ElementsAre(scale, static_cast<float>(0.1 / std::sqrt(1.25)), 1.0f));
  std::vector<float> src(6);
  std::vector<std::int32_t> labels(2);
  gather(dataset, by, std::vector<std::uint32_t>{3, 1}, src, labels);
  EXPECT_THAT(labels, ElementsAre(0, 1));
  EXPECT_FLOAT_EQ(src[0], 1.5f * scale);
  EXPECT_FLOAT_EQ(src[1], 1.5f * scale);
  EXPECT_EQ(src[2], 0.0f);
  EXPECT_FLOAT_EQ(src[3], -0.5f * scale);
}

TEST(ExampleKinds, ImagesOfFloatsAreStandardizedByChannel) {
  Examples examples{.shape = {.channels = 2, .height = 1, .width = 2, .classes = 1}};
  examples.floats = SharedArray(std::vector<float>{0, 2, 100, 300, 2, 4, 100, 300});
  examples.labels = {0, 0};
  const Normalization by = measure_normalization(whole("images", examples));
  EXPECT_THAT(by.mean, ElementsAre(2.0f, 200.0f));
  EXPECT_THAT(by.scale, ElementsAre(static_cast<float>(1.0 / std::sqrt(2.0)), 0.01f));
}

TEST(ExampleKinds, ImagesOfBytesAreStandardizedByChannel) {
  Examples examples{.shape = {.channels = 2, .height = 1, .width = 2, .classes = 1}};
  examples.bytes = SharedArray(std::vector<std::uint8_t>{0, 2, 100, 200, 2, 4, 100, 200});
  examples.labels = {0, 0};
  const Dataset dataset = whole("images", examples);
  const Normalization by = measure_normalization(dataset);
  EXPECT_THAT(by.mean, ElementsAre(2.0f, 150.0f));
  EXPECT_THAT(by.scale, ElementsAre(static_cast<float>(1.0 / std::sqrt(2.0)), 0.02f));
  std::vector<float> src(4);
  std::vector<std::int32_t> labels(1);
  gather(dataset, by, std::vector<std::uint32_t>{1}, src, labels);
  EXPECT_THAT(src, ElementsAre(0.0f, 2.0f * by.scale[0], -1.0f, 1.0f));
}

TEST(ExampleKinds, TargetsAreStandardizedOneByOne) {
  Examples examples{.shape = {.width = 1, .outputs = 2}};
  examples.floats = SharedArray(std::vector<float>{1, 2, 3});
  examples.targets = {10, -1, 20, -1, 30, 5};
  const Dataset dataset = whole("regression", examples);
  EXPECT_EQ(dataset.size(), 3u);
  const Normalization by = measure_normalization(dataset);
  EXPECT_THAT(by.target_mean, ElementsAre(20.0f, 1.0f));
  std::vector<float> targets(4), src(2);
  std::vector<std::int32_t> labels(2, -7);
  gather(dataset, by, std::vector<std::uint32_t>{2, 0}, src, labels);
  gather_targets(dataset, by, std::vector<std::uint32_t>{2, 0}, targets);
  EXPECT_THAT(labels, ElementsAre(-7, -7));
  const double first = 1.0 / std::sqrt(200.0 / 3.0), second = 1.0 / std::sqrt(8.0);
  EXPECT_FLOAT_EQ(targets[0], static_cast<float>(10 * first));
  EXPECT_FLOAT_EQ(targets[1], static_cast<float>(4 * second));
  EXPECT_FLOAT_EQ(targets[2], static_cast<float>(-10 * first));
  EXPECT_FLOAT_EQ(targets[3], static_cast<float>(-2 * second));
}

TEST(ExampleKinds, TheLabelsOfATextAreTheNextTokens) {
  Dataset dataset = whole("text", text_of("abcdefg", 3, 2));
  dataset.rows = {0, 1};
  std::vector<float> src(6);
  std::vector<std::int32_t> labels(6);
  gather(dataset, {}, std::vector<std::uint32_t>{1, 0}, src, labels);
  EXPECT_THAT(src, ElementsAre('c', 'd', 'e', 'a', 'b', 'c'));
  EXPECT_THAT(labels, ElementsAre('d', 'e', 'f', 'b', 'c', 'd'));
}

TEST(ExampleKinds, ATextIsNotNormalized) {
  const Normalization by = measure_normalization(whole("text", text_of("aaaa", 3, 3)));
  EXPECT_THAT(by.mean, ElementsAre(0.0f));
  EXPECT_THAT(by.scale, ElementsAre(1.0f));
}

TEST(ExampleKinds, WhatIsAllTheSameIsRefused) {
  Examples examples = feature_rows();
  examples.floats = SharedArray(std::vector<float>(12, 0.1f));
  EXPECT_THROW(measure_normalization(whole("rows", examples)), InputError);
  Examples regression{.shape = {.width = 1, .outputs = 1}};
  regression.floats = SharedArray(std::vector<float>{1, 2});
  regression.targets = {3, 3};
  EXPECT_THROW(measure_normalization(whole("rows", regression)), InputError);
}

}  // namespace
}  // namespace etalon
