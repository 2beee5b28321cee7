#include "data/gather.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace etalon {
namespace {

Dataset random_dataset(int channels, int height, int width, std::size_t size) {
  Examples examples{
      .shape = {.channels = channels, .height = height, .width = width, .classes = 256}};
  RandomStream random(3, "pixels");
  std::vector<std::uint8_t> pixels(size * static_cast<std::size_t>(examples.shape.size()));
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.next_uint32());
  for (std::size_t n = 0; n < size; ++n) {
    examples.labels.push_back(static_cast<std::int32_t>(random.below(256)));
  }
  examples.bytes = SharedArray(pixels);
  return whole("random", examples);
}

// Row lengths that leave every kind of remainder for loops over 8, 16, 32 or 64 values at once.
TEST(Gather, GivesTheBitsOfThePlainFormulaForEveryRowLength) {
  const Normalization normalization = {.mean = {72.94f}, .scale = {1.0f / 90.02f}};
  RandomStream random(4, "indices");
  for (int width = 1; width <= 200; ++width) {
    const Dataset dataset = random_dataset(1, 1, width, 20);
    const std::size_t features = dataset.features();
    std::vector<std::uint32_t> indices(9);
    for (std::uint32_t& index : indices) index = random.below(20);
    std::vector<float> src(indices.size() * features);
    std::vector<std::int32_t> labels(indices.size());
    gather(dataset, normalization, indices, src, labels);
    for (std::size_t n = 0; n < indices.size(); ++n) {
      ASSERT_EQ(labels[n], dataset.label(indices[n]));
      for (std::size_t i = 0; i < features; ++i) {
        volatile float centered =
            static_cast<float>(dataset.examples->bytes[indices[n] * features + i]) -
            normalization.mean[0];
        const float expected = centered * normalization.scale[0];
        ASSERT_EQ(src[n * features + i], expected) << "width " << width;
      }
    }
  }
}

TEST(Gather, KeepsTheOrderOfChannelsRowsAndColumns) {
  const Dataset dataset = random_dataset(3, 5, 4, 2);
  std::vector<float> src(2 * 60);
  std::vector<std::int32_t> labels(2);
  gather(dataset, {}, std::vector<std::uint32_t>{1, 0}, src, labels);
  for (std::size_t i = 0; i < 60; ++i) {
    EXPECT_EQ(src[i], dataset.examples->bytes[60 + i]);
    EXPECT_EQ(src[60 + i], dataset.examples->bytes[i]);
  }
}

TEST(Gather, TakesNoExamples) {
  const Dataset dataset = random_dataset(1, 2, 2, 2);
  EXPECT_NO_FATAL_FAILURE(gather(dataset, {}, {}, {}, {}));
}

}  // namespace
}  // namespace etalon
