#include "nn/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "model/parameters.hpp"
#include "support/naive_network.hpp"

// Of the OpenMP runtime under oneDNN.
extern "C" void omp_set_num_threads(int threads);
extern "C" int omp_get_max_threads();

namespace etalon {
namespace {

using testing::NaiveNetwork;

// Images of 7 classes, or, with one channel and one row named so, texts of 7 tokens.
ModelTask task_of(const std::string& model, const TensorShape& input) {
  const bool is_text = model.starts_with("gpt");
  return {input, 7, is_text ? 7 : 0};
}

// A network with random weights (biases, gains and statistics too) and a random batch in it.
struct Fixture {
  Fixture(const std::string& name, const TensorShape& input, std::int64_t batch_size,
          Network::Mode mode = Network::Mode::training)
      : Fixture(parse_model(name, task_of(name, input)), batch_size, mode) {}

  Fixture(ModelSpec spec, std::int64_t batch_size, Network::Mode mode = Network::Mode::training)
      : model(std::move(spec)),
        layout(parameter_layout(model)),
        weights(initial_weights(layout, 3)),
        network(model, batch_size, mode) {
    RandomStream stream(11, "test");
    for (const Segment& segment : layout.segments) {
      if (segment.kind == SegmentKind::weights && segment.deviation > 0.05) continue;
      for (std::int64_t i = 0; i < segment.size; ++i) {
        weights[static_cast<std::size_t>(segment.offset + i)] +=
            static_cast<float>(0.3 * stream.normal());
      }
    }
    for (const Segment& segment : layout.statistics) {
      for (std::int64_t i = 0; i < segment.size; ++i) {
        weights[static_cast<std::size_t>(segment.offset + i)] +=
            static_cast<float>(0.5 * stream.uniform());
      }
    }
    for (float& value : network.src()) {
      value = model.task.vocabulary > 0 ? static_cast<float>(stream.below(7))
                                        : static_cast<float>(stream.normal());
    }
    for (auto& label : network.labels()) label = static_cast<std::int32_t>(stream.below(7));
  }

  std::vector<double> double_weights() const { return {weights.begin(), weights.end()}; }

  ModelSpec model;
  ParameterLayout layout;
  AlignedVector weights;
  Network network;
};

struct Case {
  const char* model;
  TensorShape input;
  std::int64_t batch_size;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.model << " on " << c.input.channels << "x" << c.input.height << "x"
             << c.input.width << ", batch size " << c.batch_size;
}

class NetworkAgainstNaiveLoops : public ::testing::TestWithParam<Case> {};

TEST_P(NetworkAgainstNaiveLoops, LogitsAndLossAgree) {
  Fixture f(GetParam().model, GetParam().input, GetParam().batch_size);
  f.network.forward(f.weights.data());
  const NaiveNetwork naive(f.model);
  const auto weights = f.double_weights();
  const auto expected = naive.answers(weights, f.network.src());
  for (std::size_t n = 0; n < expected.size(); ++n) {
    for (std::size_t i = 0; i < expected[n].size(); ++i) {
      EXPECT_NEAR(f.network.logits()[n * expected[n].size() + i], expected[n][i], 2e-5)
          << "example " << n;
    }
  }
  const double mean = f.network.loss().loss_sum / static_cast<double>(GetParam().batch_size);
  EXPECT_NEAR(mean, naive.loss(weights, f.network.src(), f.network.labels()), 1e-5);
}

// Central differences of the naive loss in double, at up to 40 parameters of each segment.
TEST_P(NetworkAgainstNaiveLoops, GradientAgreesWithFiniteDifferences) {
  Fixture f(GetParam().model, GetParam().input, GetParam().batch_size);
  AlignedVector gradient(f.weights.size());
  f.network.forward(f.weights.data());
  f.network.loss_and_backward(f.weights.data(), {gradient.data(), 1.0f, false});
  const NaiveNetwork naive(f.model);
  auto weights = f.double_weights();
  RandomStream stream(5, "coordinates");
  for (const Segment& segment : f.layout.segments) {
    for (int k = 0; k < 40; ++k) {
      const auto i = static_cast<std::size_t>(
          segment.offset + stream.below(static_cast<std::uint32_t>(segment.size)));
      constexpr double kStep = 1e-6;
      const double at = weights[i];
      weights[i] = at + kStep;
      const double above = naive.loss(weights, f.network.src(), f.network.labels());
      weights[i] = at - kStep;
      const double below = naive.loss(weights, f.network.src(), f.network.labels());
      weights[i] = at;
      EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 2e-5)
          << segment.name << "[" << static_cast<std::int64_t>(i) - segment.offset << "]";
    }
  }
}

// The witness takes each example through a network of its own, and its whole gradient.
TEST_P(NetworkAgainstNaiveLoops, ExampleNormsAreThoseOfEachExampleAlone) {
  Fixture f(GetParam().model, GetParam().input, GetParam().batch_size);
  if (!f.network.knows_example_norms()) {
    EXPECT_THAT(GetParam().model, ::testing::Not(::testing::StartsWith("mlp")));
    return;
  }
  AlignedVector gradient(f.weights.size());
  f.network.forward(f.weights.data());
  f.network.loss_and_backward(f.weights.data(), {gradient.data(), -0.3f, false});
  std::vector<double> norms(f.network.labels().size());
  for (std::size_t i = 0; i < f.model.layers.size(); ++i) f.network.add_example_norms(i, norms);
  Network one(f.model, 1, Network::Mode::training);
  const std::size_t features = one.src().size();
  for (std::size_t n = 0; n < norms.size(); ++n) {
    std::ranges::copy(f.network.src().subspan(n * features, features), one.src().begin());
    one.labels()[0] = f.network.labels()[n];
    one.forward(f.weights.data());
    one.loss_and_backward(f.weights.data(), {gradient.data(), 1.0f, false});
    double expected = 0.0;
    for (const float g : gradient) expected += static_cast<double>(g) * static_cast<double>(g);
    EXPECT_NEAR(norms[n], expected, 1e-5 * expected) << "example " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, NetworkAgainstNaiveLoops,
    ::testing::Values(Case{"linear", {1, 3, 3}, 4}, Case{"mlp:5", {1, 4, 3}, 1},
                      Case{"mlp:33,17", {3, 5, 4}, 6}, Case{"mlp:128", {1, 28, 28}, 2},
                      Case{"lenet", {1, 28, 28}, 2}, Case{"lenet", {3, 13, 16}, 3},
                      Case{"resnet8", {3, 8, 9}, 3}, Case{"resnet8,ghost=2", {1, 8, 8}, 4},
                      Case{"resnet8,ghost=2", {2, 9, 8}, 5},
                      Case{"resnet8,norm=group", {3, 8, 8}, 2}, Case{"gpt:2x12x3", {1, 9, 1}, 2},
                      Case{"gpt:1x8x1", {1, 16, 1}, 1}, Case{"vit:tiny", {3, 8, 12}, 2}));

TEST(Network, SinkScalesAndAccumulates) {
  Fixture f("mlp:9", {1, 4, 4}, 5);
  AlignedVector plain(f.weights.size()), accumulated(f.weights.size(), 2.0f);
  f.network.forward(f.weights.data());
  f.network.loss_and_backward(f.weights.data(), {plain.data(), 1.0f, false});
  f.network.forward(f.weights.data());
  f.network.loss_and_backward(f.weights.data(), {accumulated.data(), -0.5f, true});
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_NEAR(accumulated[i], 2.0f - 0.5f * plain[i], 1e-6);
  }
}

TEST(Network, DescendingInPlaceEqualsSubtractingTheGradient) {
  for (const char* model : {"mlp:16,8", "lenet"}) {
    Fixture f(model, {1, 14, 14}, 6);
    AlignedVector gradient(f.weights.size());
    f.network.forward(f.weights.data());
    f.network.loss_and_backward(f.weights.data(), {gradient.data(), 1.0f, false});
    AlignedVector expected = f.weights;
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] -= 0.1f * gradient[i];
    f.network.forward(f.weights.data());
    f.network.loss_and_backward(f.weights.data(), {f.weights.data(), -0.1f, true});
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(f.weights[i], expected[i], 1e-6) << model;
    }
  }
}

TEST(Network, SmoothsTheLabelsOfWhatIsTrainedAlone) {
  ModelTask task = task_of("mlp:9", {2, 3, 4});
  Fixture plain(parse_model("mlp:9", task), 5);
  task.label_smoothing = 0.3;
  Fixture smoothed(parse_model("mlp:9", task), 5);
  smoothed.network.forward(smoothed.weights.data());
  plain.network.forward(plain.weights.data());
  EXPECT_EQ(smoothed.network.loss().loss_sum, plain.network.loss().loss_sum);
  const double expected =
      5.0 * NaiveNetwork(smoothed.model)
                .loss(smoothed.double_weights(), smoothed.network.src(), smoothed.network.labels());
  EXPECT_NEAR(smoothed.network.trained_loss().loss_sum, expected, 1e-5 * expected);
  EXPECT_GT(std::abs(expected - plain.network.loss().loss_sum), 0.05);
}

TEST(Network, RepeatsBitForBit) {
  for (const char* model : {"mlp:64", "lenet"}) {
    Fixture a(model, {1, 28, 28}, 16), b(model, {1, 28, 28}, 16);
    AlignedVector first(a.weights.size()), second(b.weights.size());
    a.network.forward(a.weights.data());
    a.network.loss_and_backward(a.weights.data(), {first.data(), 1.0f, false});
    b.network.forward(b.weights.data());
    b.network.loss_and_backward(b.weights.data(), {second.data(), 1.0f, false});
    EXPECT_EQ(first, second) << model;
  }
}

// The number of threads is each thread's own setting: another than the one that made the network
// starts with the machine's.
TEST(Network, ComputesAloneInWhateverThreadRunsIt) {
  Fixture f("mlp:8", {1, 4, 4}, 16);
  std::vector<float> gradient(f.weights.size());
  int after_forward = 0, after_backward = 0;
  std::jthread([&] {
    omp_set_num_threads(4);
    f.network.forward(f.weights.data());
    after_forward = omp_get_max_threads();
    omp_set_num_threads(4);
    f.network.loss_and_backward(f.weights.data(), {gradient.data()});
    after_backward = omp_get_max_threads();
  }).join();
  EXPECT_EQ(after_forward, 1);
  EXPECT_EQ(after_backward, 1);
}

TEST(Network, ALossThatIsNotFiniteIsSeen) {
  Fixture f("mlp:8", {1, 4, 4}, 3);
  std::fill(f.weights.begin(), f.weights.end(), 1e30f);
  f.network.forward(f.weights.data());
  EXPECT_FALSE(std::isfinite(f.network.loss().loss_sum));
}

TEST(InitialWeights, HaveTheVarianceOfHeAndZeroBiases) {
  const auto layout = parameter_layout(parse_model("mlp:128", {1, 28, 28}, 10));
  const auto weights = initial_weights(layout, 1);
  ASSERT_EQ(layout.size, 784 * 128 + 128 + 128 * 10 + 10);
  for (const Segment& segment : layout.segments) {
    double squares = 0.0;
    for (std::int64_t i = 0; i < segment.size; ++i) {
      const double value = weights[static_cast<std::size_t>(segment.offset + i)];
      squares += value * value;
    }
    const double variance = squares / static_cast<double>(segment.size);
    const double expected =
        segment.kind == SegmentKind::bias ? 0.0 : 2.0 / static_cast<double>(segment.fan_in);
    // Five standard errors of a variance.
    EXPECT_NEAR(variance, expected,
                5 * expected * std::sqrt(2.0 / static_cast<double>(segment.size)))
        << segment.name;
  }
}

TEST(ParseModel, RefusesWhatItDoesNotKnow) {
  const TensorShape image{1, 28, 28};
  for (const char* name : {"", "mlp", "mlp:", "mlp:0", "mlp:-3", "mlp:12,", "mlp:1e3", "resnet",
                           "mlp:99999999999999999999", "lenet5"}) {
    EXPECT_THROW(parse_model(name, image, 10), InputError) << name;
  }
  EXPECT_THROW(parse_model("lenet", {1, 8, 8}, 10), InputError);
}

}  // namespace
}  // namespace etalon
