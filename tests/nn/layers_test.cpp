// Stacks of layers that no built-in model has, and what networks do over several batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <functional>

#include "core/random.hpp"
#include "model/model_builder.hpp"
#include "model/parameters.hpp"
#include "nn/hessian_product.hpp"
#include "nn/memory_need.hpp"
#include "nn/network.hpp"
#include "nn/processor_limit.hpp"
#include "support/naive_network.hpp"

namespace etalon {
namespace {

using testing::NaiveNetwork;

AlignedVector random_weights(const ParameterLayout& layout) {
  AlignedVector weights = initial_weights(layout, 3);
  RandomStream stream(7, "weights");
  for (float& weight : weights) weight += static_cast<float>(0.2 * stream.uniform());
  return weights;
}

void fill(Network& network, std::uint64_t seed, std::uint32_t classes) {
  RandomStream stream(seed, "batch");
  for (float& value : network.src()) value = static_cast<float>(stream.normal());
  for (auto& label : network.labels()) label = static_cast<std::int32_t>(stream.below(classes));
  for (float& target : network.targets()) target = static_cast<float>(stream.normal());
}

AlignedVector gradient_of(Network& network, const AlignedVector& weights, std::size_t size) {
  AlignedVector gradient(size);
  network.forward(weights.data());
  network.loss_and_backward(weights.data(), {gradient.data(), 1.0f, false});
  return gradient;
}

struct Stack {
  const char* name;
  TensorShape input;
  std::function<void(ModelBuilder&)> add;
};

std::ostream& operator<<(std::ostream& out, const Stack& stack) { return out << stack.name; }

class StacksAgainstNaiveLoops : public ::testing::TestWithParam<Stack> {
 protected:
  static constexpr std::int64_t kBatchSize = 3;

  StacksAgainstNaiveLoops()
      : model_(make(GetParam())),
        layout_(parameter_layout(model_)),
        weights_(random_weights(layout_)),
        network_(model_, kBatchSize, Network::Mode::training) {
    fill(network_, 5, 5);
  }

  static ModelSpec make(const Stack& stack) {
    ModelBuilder builder(stack.name, {.input = stack.input, .classes = 5});
    stack.add(builder);
    builder.add(FlattenSpec{});
    return builder.finish();
  }

  const ModelSpec model_;
  const ParameterLayout layout_;
  AlignedVector weights_;
  Network network_;
};

TEST_P(StacksAgainstNaiveLoops, LossAndGradientAgree) {
  const AlignedVector gradient =
      gradient_of(network_, weights_, static_cast<std::size_t>(layout_.size));
  const NaiveNetwork naive(model_);
  std::vector<double> weights(weights_.begin(), weights_.end());
  const auto loss = [&] { return naive.loss(weights, network_.src(), network_.labels()); };
  EXPECT_NEAR(network_.loss().loss_sum / kBatchSize, loss(), 1e-5);
  RandomStream stream(5, "coordinates");
  for (const Segment& segment : layout_.segments) {
    for (int k = 0; k < 12; ++k) {
      const auto i = static_cast<std::size_t>(
          segment.offset + stream.below(static_cast<std::uint32_t>(segment.size)));
      constexpr double kStep = 1e-6;
      const double at = weights[i];
      weights[i] = at + kStep;
      const double above = loss();
      weights[i] = at - kStep;
      const double below = loss();
      weights[i] = at;
      EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 3e-5) << segment.name;
    }
  }
}

constexpr auto kRelu = Activation::relu;

INSTANTIATE_TEST_SUITE_P(
    Stacks, StacksAgainstNaiveLoops,
    ::testing::Values(Stack{"strides that leave a rest",
                            {2, 9, 8},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{6, 3, 2, 0, 1, kRelu});
                            }},
                      Stack{"groups",
                            {4, 6, 7},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{8, 3, 1, 1, 2, kRelu});
                              m.add(ConvolutionSpec{8, 3, 2, 1, 8, Activation::none, false});
                            }},
                      Stack{"maxima that overlap",
                            {3, 9, 9},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{7, 3, 1, 1});
                              m.add(PoolSpec{PoolSpec::Kind::maximum, 3, 2});
                            }},
                      Stack{"maxima that leave a rest",
                            {3, 7, 8},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{18, 3, 1, 1});
                              m.add(PoolSpec{PoolSpec::Kind::maximum, 3, 3});
                            }},
                      Stack{"means that overlap",
                            {2, 8, 7},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{21, 1});
                              m.add(PoolSpec{PoolSpec::Kind::average, 3, 1});
                            }},
                      Stack{"means that tile",
                            {2, 8, 6},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{6, 1});
                              m.add(PoolSpec{PoolSpec::Kind::average, 2, 2});
                            }},
                      Stack{"activations",
                            {1, 5, 4},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{6, 3});
                              m.add(ActivationSpec{Activation::tanh});
                              m.add(DenseSpec{9, Activation::gelu});
                              m.add(DropoutSpec{0.0});
                              m.add(DenseSpec{7, Activation::tanh});
                              m.add(ActivationSpec{Activation::gelu});
                            }},
                      Stack{"norms",
                            {2, 4, 5},
                            [](ModelBuilder& m) {
                              m.add(ConvolutionSpec{18, 3, 1, 1});
                              m.add(NormSpec{NormSpec::Kind::group, 3, 0, kRelu});
                              m.add(DenseSpec{19});
                              m.add(NormSpec{NormSpec::Kind::batch, 1, 2, kRelu});
                              m.add(DenseSpec{17});
                              m.add(NormSpec{NormSpec::Kind::layer});
                            }},
                      Stack{"ways that meet again", {3, 4, 4}, [](ModelBuilder& m) {
                              m.add_residual([&] { m.add(ConvolutionSpec{3, 3, 1, 1, 1, kRelu}); });
                              m.add_residual(
                                  [&] {
                                    m.add(DenseSpec{5, kRelu});
                                  },
                                  [&] {
                                    m.add(ConvolutionSpec{5, 1, 1, 0, 1, kRelu});
                                  },
                                  kRelu);
                            }}));

// Normalization statistics that do not change when the batch size does.
TEST(GhostBatchNorm, IsPlainBatchNormAtItsSize) {
  const auto model = [](const char* name) { return parse_model(name, {1, 8, 8}, 5); };
  const ParameterLayout layout = parameter_layout(model("resnet8"));
  const AlignedVector weights = random_weights(layout);
  const auto size = static_cast<std::size_t>(layout.size);
  Network ghosts(model("resnet8,ghost=4"), 12, Network::Mode::training);
  Network plain(model("resnet8"), 4, Network::Mode::training);
  fill(ghosts, 9, 5);
  const AlignedVector together = gradient_of(ghosts, weights, size);
  AlignedVector mean(size);
  AlignedVector ghost_statistics = weights, plain_statistics = weights;
  for (std::size_t part = 0; part < 3; ++part) {
    std::ranges::copy(ghosts.src().subspan(part * 4 * 64, 4 * 64), plain.src().begin());
    std::ranges::copy(ghosts.labels().subspan(part * 4, 4), plain.labels().begin());
    plain.forward(weights.data());
    plain.loss_and_backward(weights.data(), {mean.data(), 1.0f / 3.0f, part > 0});
  }
  for (std::size_t i = 0; i < size; ++i) EXPECT_NEAR(together[i], mean[i], 1e-6);
  // One step's worth of running statistics, wherever the ghost batches were cut.
  ghosts.update_statistics(ghost_statistics.data());
  plain.update_statistics(plain_statistics.data());
  EXPECT_NE(ghost_statistics, weights);
  for (std::size_t i = size; i < weights.size(); ++i) {
    EXPECT_NEAR(ghost_statistics[i], plain_statistics[i], 1e-5);
  }
}

TEST(BatchNorm, EvaluatesWithItsRunningStatistics) {
  const ModelSpec model = parse_model("resnet8", {1, 8, 8}, 5);
  AlignedVector weights = random_weights(parameter_layout(model));
  Network network(model, 3, Network::Mode::inference);
  fill(network, 2, 5);
  network.forward(weights.data());
  const std::vector<double> exact(weights.begin(), weights.end());
  const auto expected = NaiveNetwork(model, false).answers(exact, network.src());
  for (std::size_t n = 0; n < 3; ++n) {
    for (std::size_t i = 0; i < 5; ++i) {
      EXPECT_NEAR(network.logits()[n * 5 + i] / expected[n][i], 1.0, 1e-5);
    }
  }
  network.update_statistics(weights.data());
  EXPECT_EQ(weights, random_weights(parameter_layout(model)));
}

ModelSpec with_dropout(double rate) {
  ModelBuilder builder("dropout", {.input = {1, 4, 5}, .classes = 3});
  builder.add(FlattenSpec{});
  builder.add(DropoutSpec{rate});
  return builder.finish();
}

// Of the gradient of the answers' weights by a batch, which values were dropped shows.
TEST(Dropout, DrawsForEachExampleWhereverBatchesAreCut) {
  const ModelSpec model = with_dropout(0.5);
  const ParameterLayout layout = parameter_layout(model);
  const AlignedVector weights = random_weights(layout);
  Network whole(model, 6, Network::Mode::training), half(model, 3, Network::Mode::training);
  fill(whole, 4, 3);
  const auto logits = [&](Network& network, std::int64_t first) {
    network.set_randomness({17, first});
    network.forward(weights.data());
    return std::vector<float>(network.logits().begin(), network.logits().end());
  };
  const std::vector<float> all = logits(whole, 100);
  EXPECT_EQ(logits(whole, 100), all);
  EXPECT_NE(logits(whole, 106), all);
  std::ranges::copy(whole.src().subspan(3 * 20), half.src().begin());
  const std::vector<float> later = logits(half, 103);
  for (std::size_t i = 0; i < later.size(); ++i) EXPECT_FLOAT_EQ(later[i], all[9 + i]);
}

TEST(Dropout, DropsItsShareAndKeepsTheMean) {
  ModelBuilder builder("dropout", {.input = {10000, 1, 1}, .classes = 10000});
  builder.add(PositionsSpec{});  // which add nothing: a model has something to train
  builder.add(DropoutSpec{0.3});
  const ModelSpec model = builder.build();
  const AlignedVector zeros(static_cast<std::size_t>(parameter_layout(model).size));
  Network network(model, 2, Network::Mode::training);
  std::ranges::fill(network.src(), 1.0f);
  network.set_randomness({3, 0});
  network.forward(zeros.data());
  double dropped = 0.0, sum = 0.0;
  for (const float value : network.logits())
    dropped += value == 0.0f ? 1.0 : 0.0, sum += double{value};
  EXPECT_NEAR(dropped / 20000, 0.3, 5 * std::sqrt(0.21 / 20000));
  EXPECT_NEAR(sum / 20000, 1.0, 5 * std::sqrt(0.3 / 0.7 / 20000));
}

// Fifty classes take vector instructions, five do not.
TEST(SoftmaxLoss, SmoothedOrNotAgreesWithItsFormula) {
  for (const std::int64_t classes : {5, 50}) {
    for (const double smoothing : {0.0, 0.2}) {
      RandomStream stream(6, "logits");
      std::vector<float> logits(static_cast<std::size_t>(3 * classes)), diff(logits.size());
      for (float& logit : logits) logit = static_cast<float>(3.0 * stream.normal());
      const std::vector<std::int32_t> labels = {0, static_cast<std::int32_t>(classes - 1), 2};
      const SoftmaxLoss loss{classes, 1, smoothing};
      const BatchLoss batch = loss.loss_and_gradient(logits, labels, diff);
      double expected = 0.0;
      for (std::size_t n = 0; n < 3; ++n) {
        const float* row = logits.data() + n * static_cast<std::size_t>(classes);
        double sum = 0.0;
        for (std::int64_t i = 0; i < classes; ++i) sum += std::exp(double{row[i]});
        for (std::int64_t i = 0; i < classes; ++i) {
          const double weight =
              (i == labels[n] ? 1.0 - smoothing : 0.0) + smoothing / static_cast<double>(classes);
          const double p = std::exp(double{row[i]}) / sum;
          expected -= weight * std::log(p);
          EXPECT_NEAR(diff[n * static_cast<std::size_t>(classes) + static_cast<std::size_t>(i)],
                      (p - weight) / 3.0, 2e-7);
        }
      }
      EXPECT_NEAR(batch.loss_sum, expected, 1e-5);
      EXPECT_EQ(batch.loss_sum, loss.loss(logits, labels).loss_sum);
    }
  }
}

TEST(SquaredLoss, IsTheMeanOverOutputs) {
  std::vector<float> diff(4);
  const std::vector<float> answers = {1, 2, 3, 4}, targets = {0, 2, 5, 1};
  const BatchLoss batch = SquaredLoss{2}.loss_and_gradient(answers, targets, diff);
  EXPECT_DOUBLE_EQ(batch.loss_sum, (1.0 + 0.0) / 2 + (4.0 + 9.0) / 2);
  EXPECT_THAT(diff, ::testing::ElementsAre(0.5f, 0.0f, -1.0f, 1.5f));
}

// What the allocator has given out is the witness.
void expect_bytes_are_taken(const ModelSpec& model, Network::Mode mode) {
  const auto taken = [] {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
  };
  const Network warm(model, 64, mode);  // what is compiled once for all
  const double before = taken();
  const Network network(model, 64, mode);
  const bool training = mode == Network::Mode::training;
  const auto bytes = static_cast<double>(network_bytes(model, 64, training));
  EXPECT_NEAR(bytes / (taken() - before), 1.0, 0.2)
      << model.name << ", training " << training << ", " << precision_name(model.precision);
}

TEST(NetworkBytes, AreAboutWhatANetworkTakes) {
  const ModelTask images{{3, 32, 32}, 10}, text{{1, 1, 64}, 256, 256};
  for (const char* name : {"resnet8", "lenet", "vit:tiny", "gpt:2x64x4", "mlp:512"}) {
    ModelSpec model = parse_model(name, std::string_view(name).starts_with("gpt") ? text : images);
    expect_bytes_are_taken(model, Network::Mode::training);
    expect_bytes_are_taken(model, Network::Mode::inference);
    if (!has_bf16()) continue;
    model.precision = Precision::bf16;
    expect_bytes_are_taken(model, Network::Mode::training);
  }
}

// The exact product is the witness of the difference of two gradients, on smooth parts of the loss.
TEST(DifferenceProduct, AgreesWithTheExactOne) {
  const ModelSpec model = parse_model("linear", {1, 6, 6}, 5);
  const AlignedVector weights = random_weights(parameter_layout(model));
  HessianProduct exact(model, 8);
  DifferenceProduct difference(model, 8);
  fill(difference.network(), 3, 5);
  std::ranges::copy(difference.network().src(), exact.src().begin());
  std::ranges::copy(difference.network().labels(), exact.labels().begin());
  exact.prepare(weights);
  RandomStream stream(1, "direction");
  AlignedVector direction(weights.size()), expected(weights.size()), actual(weights.size());
  for (float& value : direction) value = static_cast<float>(stream.normal());
  exact.multiply(weights, direction, {expected.data(), 1.0f, false});
  difference.multiply(weights, direction, {actual.data(), 1.0f, false});
  double error = 0.0, length = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    error += std::pow(double{actual[i]} - double{expected[i]}, 2);
    length += std::pow(double{expected[i]}, 2);
  }
  EXPECT_LT(std::sqrt(error / length), 2e-3);
}

// Of a network that has no exact product, against second differences of the naive loss in double.
TEST(DifferenceProduct, AgreesWithSecondDifferencesOfATransformer) {
  const ModelSpec model = parse_model("gpt:1x8x2", ModelTask{{1, 1, 6}, 7, 7});
  ASSERT_FALSE(HessianProduct::is_exact_for(model));
  const AlignedVector weights = random_weights(parameter_layout(model));
  HessianProduct product(model, 2);
  RandomStream stream(8, "tokens");
  for (float& token : product.src()) token = static_cast<float>(stream.below(7));
  for (auto& label : product.labels()) label = static_cast<std::int32_t>(stream.below(7));
  AlignedVector direction(weights.size()), result(weights.size());
  for (float& value : direction) value = static_cast<float>(0.3 * stream.normal());
  product.prepare(weights);
  product.multiply(weights, direction, {result.data(), 1.0f, false});
  const auto loss = [&](double step) {
    std::vector<double> moved(weights.begin(), weights.end());
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] += step * double{direction[i]};
    return NaiveNetwork(model).loss(moved, product.src(), product.labels());
  };
  const double expected = (loss(1e-4) - 2.0 * loss(0.0) + loss(-1e-4)) / 1e-8;
  double actual = 0.0;
  for (std::size_t i = 0; i < result.size(); ++i)
    actual += double{result[i]} * double{direction[i]};
  EXPECT_NEAR(actual, expected, 2e-3 * std::abs(expected));
}

}  // namespace
}  // namespace etalon
