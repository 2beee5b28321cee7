#include "data/augmentation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/random.hpp"
#include "data/gather.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kHeight = 5, kWidth = 7, kChannels = 2;
constexpr std::size_t kSize = kChannels * kHeight * kWidth;

// Images whose pixels are all different, and none black.
Dataset images(std::size_t count) {
  Examples examples{
      .shape = {.channels = kChannels, .height = kHeight, .width = kWidth, .classes = 3}};
  std::vector<std::uint8_t> pixels;
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t i = 0; i < kSize; ++i) {
      pixels.push_back(static_cast<std::uint8_t>(1 + (i + 37 * n) % 250));
    }
    examples.labels.push_back(static_cast<std::int32_t>(n % 3));
  }
  examples.bytes = SharedArray(pixels);
  return whole("images", examples);
}

const Normalization kBy = {.mean = {10.0f, 20.0f}, .scale = {0.5f, 0.25f}};

std::vector<float> gathered(const Dataset& dataset, const char* changes, std::uint64_t seed,
                            std::uint64_t first, std::vector<std::uint32_t> indices) {
  std::vector<float> src(indices.size() * kSize);
  std::vector<std::int32_t> labels(indices.size());
  Augmenter(parse_augmentation(changes)).gather(dataset, kBy, seed, first, indices, src, labels);
  for (std::size_t n = 0; n < indices.size(); ++n) EXPECT_EQ(labels[n], dataset.label(indices[n]));
  return src;
}

// Where the image would come from if its rows began at `down` and its columns at `right`.
std::vector<float> changed_by_hand(const Dataset& dataset, std::size_t index, int down, int right,
                                   bool flipped) {
  std::vector<float> all;
  for (std::size_t c = 0; c < kChannels; ++c) {
    for (int y = 0; y < static_cast<int>(kHeight); ++y) {
      for (int x = 0; x < static_cast<int>(kWidth); ++x) {
        const int from_y = y + down;
        const int from_x = (flipped ? static_cast<int>(kWidth) - 1 - x : x) + right;
        const bool is_inside = from_y >= 0 && from_y < static_cast<int>(kHeight) && from_x >= 0 &&
                               from_x < static_cast<int>(kWidth);
        const std::size_t place = index * kSize +
                                  (c * kHeight + static_cast<std::size_t>(from_y)) * kWidth +
                                  static_cast<std::size_t>(from_x);
        const float pixel = is_inside ? dataset.examples->bytes[place] : 0.0f;
        all.push_back((pixel - kBy.mean[c]) * kBy.scale[c]);
      }
    }
  }
  return all;
}

TEST(Augmentation, CropsAndFlipsAsTheStreamOfTheExampleSays) {
  const Dataset dataset = images(6);
  const std::vector<std::uint32_t> indices = {4, 0, 5, 5};
  const std::uint64_t first = (std::uint64_t{1} << 33) + 7;
  const auto both = gathered(dataset, "crop,flip", 3, first, indices);
  const auto crop = gathered(dataset, "crop", 3, first, indices);
  const auto flip = gathered(dataset, "flip", 3, first, indices);
  for (std::size_t n = 0; n < indices.size(); ++n) {
    RandomStream stream(3, "augment");
    stream.go_to_block(first + n);
    const int down = static_cast<int>(stream.below(9)) - 4;
    const int right = static_cast<int>(stream.below(9)) - 4;
    const bool flipped = stream.below(2) == 1;
    const auto image = [&](const std::vector<float>& all) {
      return std::vector<float>(all.begin() + static_cast<std::ptrdiff_t>(n * kSize),
                                all.begin() + static_cast<std::ptrdiff_t>((n + 1) * kSize));
    };
    EXPECT_EQ(image(both), changed_by_hand(dataset, indices[n], down, right, flipped));
    EXPECT_EQ(image(crop), changed_by_hand(dataset, indices[n], down, right, false));
    EXPECT_EQ(image(flip), changed_by_hand(dataset, indices[n], 0, 0, flipped));
  }
}

TEST(Augmentation, DependsOnTheNumberOfTheExampleAndNotOnTheBatch) {
  const Dataset dataset = images(30);
  std::vector<std::uint32_t> order(30);
  for (std::uint32_t n = 0; n < 30; ++n) order[n] = 29 - n;
  const auto whole_batch = gathered(dataset, "crop,flip", 1, 100, order);
  for (const std::size_t batch : {1, 7, 16}) {
    std::vector<float> parts;
    for (std::size_t n = 0; n < order.size(); n += batch) {
      const auto last = std::min(order.size(), n + batch);
      const auto part = gathered(dataset, "crop,flip", 1, 100 + n,
                                 {order.begin() + static_cast<std::ptrdiff_t>(n),
                                  order.begin() + static_cast<std::ptrdiff_t>(last)});
      parts.insert(parts.end(), part.begin(), part.end());
    }
    EXPECT_EQ(parts, whole_batch) << batch;
  }
  EXPECT_NE(gathered(dataset, "crop,flip", 2, 100, order), whole_batch);
  EXPECT_NE(gathered(dataset, "crop,flip", 1, 101, order), whole_batch);
}

// Each of 9 x 9 x 2 changes comes up in 1 of 162; chi squared with 161 degrees of freedom has its
// 99.9th percentile at 221.
TEST(Augmentation, DrawsEveryChangeAlike) {
  constexpr int kDraws = 81000;
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, int> counts;
  RandomStream stream(11, "augment");
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    stream.go_to_block(n);
    const auto down = stream.below(9), right = stream.below(9);
    ++counts[{down, right, stream.below(2)}];
  }
  ASSERT_EQ(counts.size(), 162u);
  double chi_squared = 0.0;
  for (const auto& [change, count] : counts) {
    chi_squared += (count - kDraws / 162.0) * (count - kDraws / 162.0) / (kDraws / 162.0);
  }
  EXPECT_LT(chi_squared, 221.0);
}

TEST(Augmentation, IsReadAsItIsWritten) {
  EXPECT_EQ(parse_augmentation("flip,crop").text(), "crop,flip");
  EXPECT_EQ(parse_augmentation("flip").text(), "flip");
  EXPECT_FALSE(Augmentation().any());
  for (const char* wrong : {"", "crop,", "crop,crop", "crops,rotate"}) {
    EXPECT_THROW(parse_augmentation(wrong), InputError) << wrong;
  }
}

TEST(Augmentation, IsOfImagesOnly) {
  const auto rows = load_splits("teacher:5,examples=20", {});
  try {
    parse_augmentation("crop").check_fits(*rows);
    FAIL() << "not refused";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("augment is crop, teacher:5,examples=20, these are no"));
  }
  EXPECT_NO_THROW(Augmentation().check_fits(*rows));
}

}  // namespace
}  // namespace etalon
