#include "data/teacher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "core/random.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<const DataSplits> load(const std::string& source) {
  return load_splits(source, {});
}

std::string refusal(const std::string& source) {
  try {
    load(source);
  } catch (const InputError& error) {
    return error.what();
  }
  return "loaded without an error";
}

// The teacher as its header writes it, in plain loops.
std::vector<double> outputs_by_hand(const float* x, std::size_t features, std::size_t width,
                                    std::size_t answers, std::uint64_t seed) {
  RandomStream stream(seed, "teacher");
  std::vector<std::vector<double>> w1(width, std::vector<double>(features)), w2(answers);
  for (auto& row : w1) {
    for (double& weight : row) weight = stream.normal();
  }
  for (auto& row : w2) {
    row.resize(width);
    for (double& weight : row) weight = stream.normal();
  }
  std::vector<double> z(answers);
  for (std::size_t k = 0; k < width; ++k) {
    const double sum = std::inner_product(w1[k].begin(), w1[k].end(), x, 0.0);
    const double h = std::tanh(2.0 * sum / std::sqrt(static_cast<double>(features)));
    for (std::size_t c = 0; c < answers; ++c) z[c] += w2[c][k] * h;
  }
  for (double& value : z) value /= std::sqrt(static_cast<double>(width));
  return z;
}

TEST(Teacher, LabelsByItsGreatestOutput) {
  const auto splits = load("teacher:7,classes=4,examples=400,width=5,noise=0,seed=9");
  const Examples& all = *splits->train.examples;
  ASSERT_EQ(all.labels.size(), 500u);
  for (std::size_t n = 0; n < 500; ++n) {
    const auto z = outputs_by_hand(all.floats.data() + 7 * n, 7, 5, 4, 9);
    EXPECT_EQ(all.labels[n], std::max_element(z.begin(), z.end()) - z.begin());
  }
}

TEST(Teacher, HasTargetsInRegression) {
  const auto splits = load("teacher:3,outputs=2,examples=40,width=6,noise=0,seed=2");
  EXPECT_EQ(splits->train.shape(), (ExampleShape{.width = 3, .outputs = 2}));
  const Examples& all = *splits->train.examples;
  for (std::size_t n = 0; n < 50; ++n) {
    const auto z = outputs_by_hand(all.floats.data() + 3 * n, 3, 6, 2, 2);
    for (std::size_t k = 0; k < 2; ++k) {
      EXPECT_FLOAT_EQ(all.targets[2 * n + k], static_cast<float>(z[k]));
    }
  }
}

TEST(Teacher, SplitsItsExamplesAndTestsOnMore) {
  const auto splits = load("teacher:5");
  EXPECT_EQ(splits->validation.size(), 4000u);
  EXPECT_EQ(splits->train.size(), 16000u);
  EXPECT_EQ(splits->test.size(), 5000u);
  EXPECT_EQ(splits->test.rows.front(), 20000u);
  EXPECT_EQ(splits->train.shape(), (ExampleShape{.width = 5, .classes = 10}));
}

// 20,000 independent standard normal numbers have a mean within 4 of its standard errors, and so
// has their square.
TEST(Teacher, DrawsStandardNormalFeatures) {
  const auto splits = load("teacher:4,examples=4000");
  double sum = 0.0, squares = 0.0;
  for (const float x : splits->train.examples->floats.values()) sum += x, squares += x * x;
  EXPECT_NEAR(sum / 20000, 0.0, 4 / std::sqrt(20000.0));
  EXPECT_NEAR(squares / 20000, 1.0, 4 * std::sqrt(2.0 / 20000.0));
}

// Of 5000 labels a share of noise · (1 - 1/classes) is another: 0.4 · 3/4 = 0.3, within 4 standard
// errors. The features stay, and so do the labels that less noise leaves.
TEST(Teacher, ChangesTheShareOfLabelsThatItsNoiseSays) {
  const std::string source = "teacher:6,classes=4,examples=4000,seed=5";
  const auto clean = load(source + ",noise=0"), noisy = load(source + ",noise=0.4"),
             less = load(source + ",noise=0.1");
  EXPECT_TRUE(std::ranges::equal(clean->train.examples->floats.values(),
                                 noisy->train.examples->floats.values()));
  int changed = 0;
  for (std::size_t n = 0; n < 5000; ++n) {
    const bool is_changed = noisy->train.examples->labels[n] != clean->train.examples->labels[n];
    changed += is_changed ? 1 : 0;
    if (less->train.examples->labels[n] != clean->train.examples->labels[n]) {
      EXPECT_TRUE(is_changed);
    }
  }
  EXPECT_NEAR(changed / 5000.0, 0.3, 4 * std::sqrt(0.3 * 0.7 / 5000));
}

TEST(Teacher, AddsNoiseToTargets) {
  const std::string source = "teacher:6,outputs=1,examples=4000,seed=5";
  const auto clean = load(source + ",noise=0"), noisy = load(source + ",noise=0.5");
  double squares = 0.0;
  for (std::size_t n = 0; n < 5000; ++n) {
    const double d = noisy->train.examples->targets[n] - clean->train.examples->targets[n];
    squares += d * d / 5000;
  }
  EXPECT_NEAR(squares, 0.25, 4 * 0.25 * std::sqrt(2.0 / 5000));
}

TEST(Teacher, IsTheSameForASeedAndAnotherForAnother) {
  const auto one = load("teacher:3,examples=50"), same = load("teacher:3,examples=50,seed=0"),
             other = load("teacher:3,examples=50,seed=1");
  EXPECT_EQ(one->train.examples->labels, same->train.examples->labels);
  EXPECT_NE(one->train.examples->labels, other->train.examples->labels);
}

TEST(Teacher, UsesAllOfItsClasses) {
  const auto splits = load("teacher:20,classes=10,noise=0");
  std::vector<int> counts(10);
  for (const std::int32_t label : splits->train.examples->labels) {
    ++counts.at(static_cast<std::size_t>(label));
  }
  for (const int count : counts) EXPECT_GT(count, 400) << ::testing::PrintToString(counts);
}

TEST(Teacher, IsRefusedWithWhatItCannotHave) {
  EXPECT_THAT(refusal("teacher:0"), HasSubstr("'0' is not a number of features from 1 to 100000"));
  EXPECT_THAT(refusal("teacher:x"), HasSubstr("write it like teacher:20"));
  EXPECT_THAT(refusal("teacher:5,noise=1.5"), HasSubstr("noise is '1.5'"));
  EXPECT_THAT(refusal("teacher:5,classes=1"), HasSubstr("from 2 to 1000"));
  EXPECT_THAT(refusal("teacher:5,classes=3,outputs=1"), HasSubstr("give one of them"));
  EXPECT_THAT(refusal("teacher:100000,examples=100000000"), HasSubstr("more than 2^31 numbers"));
  EXPECT_THAT(refusal("teacher:5,widht=3"), HasSubstr("did you mean width?"));
}

}  // namespace
}  // namespace etalon
