// Fifty steps of a training against PyTorch in double precision, each from the weights that the
// training had before it. Skipped with a message where Debian's python3-torch is not installed.
//
// Two whole trajectories cannot be compared so: rectifiers, pooling and momentum make a last bit
// that differs grow a thousandfold in fifty steps, on one processor more than on another. What one
// step adds is bounded by the rounding of that step alone.
#include "support/torch.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "data/gather.hpp"
#include "support/temporary_directory.hpp"
#include "train/put_examples.hpp"
#include "train/trainer.hpp"

extern char** environ;

namespace etalon {
namespace {

constexpr const char* kPython = "/usr/bin/python3";
constexpr std::int64_t kSteps = 50;

int run_python(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kPython);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawn(&child, kPython, nullptr, nullptr, argv.data(), environ) != 0) return -1;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

template <typename T>
void write(const std::filesystem::path& path, std::span<const T> values) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size_bytes()));
}

template <typename T>
std::vector<T> read(const std::filesystem::path& path) {
  std::vector<T> values(std::filesystem::file_size(path) / sizeof(T));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

struct Case {
  const char* model;
  OptimizerOptions optimizer;
  double lr;
  const char* data = "fashion-mnist";
  double smoothing = 0.0;  // of the labels
};

// Each source is loaded once.
std::shared_ptr<const DataSplits> splits_of(const std::string& source) {
  static std::map<std::string, std::shared_ptr<const DataSplits>> loaded;
  auto& splits = loaded[source];
  if (!splits) splits = load_splits(source, {});
  return splits;
}

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.model << " with " << c.optimizer.name << ", weight decay "
             << c.optimizer.weight_decay.value_or(0.0) << ", label smoothing " << c.smoothing;
}

nlohmann::json optimizer_json(const Case& c) {
  const OptimizerOptions full = c.optimizer.with_defaults();
  return {{"name", full.name},
          {"lr", c.lr},
          {"momentum", full.momentum.value_or(0.0)},
          {"beta1", full.beta1.value_or(0.0)},
          {"beta2", full.beta2.value_or(0.0)},
          {"eps", full.eps.value_or(0.0)},
          {"weight_decay", full.weight_decay.value()}};
}

// How far steps are from PyTorch's, relative to their length. A rounding error that sends a
// gradient through the other side of a rectifier shows in one step and fades with the momentum; a
// wrong update shows in all of them, or, if it is the start that is wrong, as more than a rounding.
struct Distance {
  double median = 0.0;   // of the steps
  double largest = 0.0;  // among them
  bool is_rounding() const { return median < 4e-5 && largest < 1e-2; }
};

std::ostream& operator<<(std::ostream& out, const Distance& distance) {
  return out << "median " << distance.median << ", largest " << distance.largest;
}

Distance summarized(std::vector<double> steps) {
  std::sort(steps.begin(), steps.end());
  return {steps[steps.size() / 2], steps.back()};
}

// What PyTorch says of a training: its losses, and the distance of each optimizer asked about.
struct Witness {
  std::vector<double> losses;
  std::vector<Distance> distances;
  double statistics = 0.0;  // the largest relative distance of a running statistic
};

class StepsAgainstTorch : public ::testing::Test {
 protected:
  static constexpr std::int64_t kBatchSize = 32;
  static constexpr std::uint64_t kSeed = 4;

  static void SetUpTestSuite() { have_torch_ = testing::has_torch(); }

  void SetUp() override {
    if (!have_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
  }

  // Trains, and asks PyTorch about the steps as if `claimed` had made them.
  Witness train(const Case& c, const std::vector<Case>& claimed) {
    data_ = splits_of(c.data);
    ModelTask task = task_of(*data_);
    task.label_smoothing = c.smoothing;
    const ModelSpec model = parse_model(c.model, task);
    Trainer trainer(*data_, model, c.optimizer, kBatchSize, kSeed);
    losses_.clear();
    for (const char* name : {"weights.f32", "src.f32", "labels.i32"}) {
      std::filesystem::remove(path(name));
    }
    write<float>(path("weights.f32"), trainer.weights());
    for (std::int64_t step = 0; step < kSteps; ++step) {
      losses_.push_back(trainer.step(static_cast<float>(c.lr)).loss_sum / kBatchSize);
      write<float>(path("weights.f32"), trainer.weights());
    }
    write_batches();
    write_task(c, claimed, parameter_layout(model));
    EXPECT_EQ(run_python({ETALON_TORCH_WITNESS, directory_.path().string()}), 0);
    return read_witness(claimed.size());
  }

  std::vector<double> losses_;  // before each step

 private:
  std::filesystem::path path(const char* name) const { return directory_.path() / name; }

  void write_task(const Case& c, const std::vector<Case>& claimed, const ParameterLayout& layout) {
    nlohmann::json task = {
        {"model", c.model},
        {"label_smoothing", c.smoothing},
        {"steps", kSteps},
        {"src_shape", {kBatchSize, shape().channels, shape().height, shape().width}},
        {"labels_shape", labels_shape()},
        {"parameters", layout.size},
        {"segments", segments_json(layout.segments)},
        {"statistics", segments_json(layout.statistics)},
        {"optimizers", nlohmann::json::array()}};
    for (const Case& each : claimed) task["optimizers"].push_back(optimizer_json(each));
    std::ofstream(path("task.json")) << task;
  }

  const ExampleShape& shape() const { return data_->train.shape(); }
  std::vector<std::int64_t> labels_shape() const {
    if (shape().is_text()) return {kBatchSize, shape().positions};
    return {kBatchSize};
  }
  static nlohmann::json segments_json(const std::vector<Segment>& segments) {
    nlohmann::json json = nlohmann::json::array();
    for (const Segment& segment : segments) {
      json.push_back(
          {{"name", segment.name}, {"shape", segment.shape}, {"offset", segment.offset}});
    }
    return json;
  }

  // The batches that a trainer of this seed and batch size sees.
  void write_batches() {
    Sampler sampler(static_cast<std::uint32_t>(data_->train.size()), kSeed);
    std::vector<std::uint32_t> indices(kBatchSize);
    std::vector<float> src(static_cast<std::size_t>(kBatchSize * shape().size()));
    std::vector<std::int32_t> labels(static_cast<std::size_t>(kBatchSize * shape().positions));
    for (std::int64_t step = 0; step < kSteps; ++step) {
      sampler.next(indices);
      gather(data_->train, data_->normalization, indices, src, labels);
      write<float>(path("src.f32"), src);
      write<std::int32_t>(path("labels.i32"), labels);
    }
  }

  Witness read_witness(std::size_t optimizers) {
    Witness witness{read<double>(path("losses.f64")), {}, 0.0};
    const auto errors = read<double>(path("errors.f64"));
    EXPECT_EQ(errors.size(), optimizers * kSteps);
    for (std::size_t i = 0; i < optimizers; ++i) {
      const auto first = errors.begin() + static_cast<std::ptrdiff_t>(i * kSteps);
      witness.distances.push_back(summarized({first, first + kSteps}));
    }
    const auto statistics = read<double>(path("statistics.f64"));
    witness.statistics = *std::max_element(statistics.begin(), statistics.end());
    return witness;
  }

  std::shared_ptr<const DataSplits> data_;
  static inline bool have_torch_ = false;
  testing::TemporaryDirectory directory_;
};

class EveryUpdateAgainstTorch : public StepsAgainstTorch,
                                public ::testing::WithParamInterface<Case> {};

TEST_P(EveryUpdateAgainstTorch, FiftyStepsAreTheSameUpToTheirRounding) {
  const Witness witness = train(GetParam(), {GetParam()});
  // The training moved: agreement is not that of two models standing still.
  EXPECT_LT(losses_.back(), 0.8 * losses_.front());
  ASSERT_EQ(witness.losses.size(), losses_.size());
  for (std::size_t i = 0; i < losses_.size(); ++i) {
    EXPECT_NEAR(losses_[i], witness.losses[i], 1e-5 * witness.losses[i]) << "step " << i;
  }
  const Distance& distance = witness.distances.front();
  RecordProperty("median_distance", fmt::format("{:.3g}", distance.median));
  RecordProperty("largest_distance", fmt::format("{:.3g}", distance.largest));
  EXPECT_TRUE(distance.is_rounding()) << distance;
  EXPECT_LT(witness.statistics, 1e-5);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* model : {"mlp:128", "lenet"}) {
    all.push_back({model, {.name = "sgd"}, 0.1});
    all.push_back({model, {.name = "sgd", .weight_decay = 1e-3}, 0.1});
    all.push_back({model, {.name = "momentum", .weight_decay = 1e-4}, 0.01});
    all.push_back({model, {.name = "nesterov", .weight_decay = 1e-4}, 0.01});
    all.push_back({model, {.name = "adamw"}, 1e-3});
    all.push_back({model, {.name = "adam"}, 1e-3});
    all.push_back({model, {.name = "adam", .beta2 = 0.99, .weight_decay = 1e-3}, 1e-3});
    all.push_back({model, {.name = "rmsprop", .weight_decay = 1e-3}, 3e-4});
    all.push_back({model, {.name = "rmsprop", .momentum = 0.5, .eps = 1e-2}, 3e-4});
    all.push_back({model, {.name = "lion"}, 1e-4});
    all.push_back(
        {model, {.name = "lion", .beta1 = 0.95, .beta2 = 0.98, .weight_decay = 1.0}, 1e-4});
    all.push_back({model, {.name = "adafactor"}, 1e-3});
    all.push_back({model, {.name = "adafactor", .weight_decay = 0.1}, 3e-3});
  }
  for (const char* model : {"mlp:128,64,32", "lenet"}) {
    all.push_back({model, {.name = "muon"}, 1e-3});
    all.push_back({model, {.name = "muon", .momentum = 0.8, .weight_decay = 0.0}, 3e-3});
  }
  // Without momentum: in so many rectifiers one turns every few steps, in PyTorch's own single
  // precision too, and a momentum would carry that to the steps between.
  all.push_back({"resnet8", {.name = "sgd", .weight_decay = 1e-4}, 0.1});
  constexpr const char* kText = "text:" ETALON_TEXT ",context=24";
  all.push_back({"gpt:2x32x4", {.name = "adamw"}, 3e-3, kText});
  all.push_back({"gpt:1x16x2", {.name = "sgd"}, 0.5, kText});
  all.push_back({"lenet", {.name = "sgd"}, 0.1, "fashion-mnist", 0.1});
  all.push_back({"gpt:1x16x2", {.name = "sgd"}, 0.5, kText, 0.3});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EveryUpdateAgainstTorch, ::testing::ValuesIn(cases()));

// The witness tells a wrong update from a rounding: what PyTorch does with a setting that is
// slightly another, or with the other of two like rules, is farther from these steps.
TEST_F(StepsAgainstTorch, AnUpdateThatIsSlightlyAnotherIsSeen) {
  struct Pair {
    Case made;
    std::vector<Case> mistaken;
  };
  const auto lenet = [](OptimizerOptions optimizer, double lr) {
    return Case{"lenet", std::move(optimizer), lr};
  };
  const std::vector<Pair> pairs = {
      {lenet({.name = "momentum", .weight_decay = 1e-4}, 0.01),
       {lenet({.name = "momentum", .momentum = 0.899, .weight_decay = 1e-4}, 0.01),
        lenet({.name = "momentum"}, 0.01), lenet({.name = "nesterov", .weight_decay = 1e-4}, 0.01),
        lenet({.name = "momentum", .weight_decay = 1e-4}, 0.01001)}},
      {lenet({.name = "adamw"}, 1e-3),
       {lenet({.name = "adam", .weight_decay = 0.01}, 1e-3),
        lenet({.name = "adamw", .weight_decay = 0.0}, 1e-3),
        lenet({.name = "adamw", .beta2 = 0.9985}, 1e-3),
        lenet({.name = "adamw", .beta1 = 0.899}, 1e-3)}},
      {lenet({.name = "rmsprop", .weight_decay = 1e-3}, 3e-4),
       {lenet({.name = "rmsprop"}, 3e-4),
        lenet({.name = "rmsprop", .beta2 = 0.989, .weight_decay = 1e-3}, 3e-4)}},
      {lenet({.name = "lion", .weight_decay = 0.1}, 1e-4),
       {lenet({.name = "lion"}, 1e-4),
        lenet({.name = "lion", .beta1 = 0.899, .weight_decay = 0.1}, 1e-4),
        lenet({.name = "lion", .beta2 = 0.989, .weight_decay = 0.1}, 1e-4)}},
      {lenet({.name = "adafactor"}, 1e-3),
       {lenet({.name = "adafactor", .weight_decay = 0.01}, 1e-3),
        lenet({.name = "rmsprop"}, 1e-3)}},
      {lenet({.name = "muon"}, 1e-3),
       {lenet({.name = "adamw", .beta2 = 0.95, .weight_decay = 0.1}, 1e-3),
        lenet({.name = "muon", .momentum = 0.949}, 1e-3),
        lenet({.name = "muon", .weight_decay = 0.0}, 1e-3)}}};
  for (const Pair& pair : pairs) {
    const Witness witness = train(pair.made, pair.mistaken);
    for (std::size_t i = 0; i < pair.mistaken.size(); ++i) {
      const Distance& distance = witness.distances[i];
      EXPECT_FALSE(distance.is_rounding())
          << pair.made << " taken for " << pair.mistaken[i] << ", number " << i << ": " << distance;
      RecordProperty(fmt::format("median_of_{}_{}", pair.made.optimizer.name, i),
                     fmt::format("{:.3g}", distance.median));
    }
  }
}

}  // namespace
}  // namespace etalon
