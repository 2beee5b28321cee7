// Whole trajectories against PyTorch, from the same weights and batches. Skipped with a message
// where Debian's python3-torch is not installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/gather.hpp"
#include "support/temporary_directory.hpp"
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
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.model << " with " << c.optimizer.name << ", weight decay "
             << c.optimizer.weight_decay;
}

class TrajectoryAgainstTorch : public ::testing::TestWithParam<Case> {
 protected:
  static constexpr std::int64_t kBatchSize = 32;
  static constexpr std::uint64_t kSeed = 4;

  static void SetUpTestSuite() {
    data_ = load_splits("fashion-mnist", {});
    have_torch_ = run_python({"-c", "import torch"}) == 0;
  }

  ModelSpec model() const { return parse_model(GetParam().model, {1, 28, 28}, 10); }

  void write_task(const std::filesystem::path& directory) const {
    const ParameterLayout layout = parameter_layout(model());
    const OptimizerOptions optimizer = GetParam().optimizer.with_defaults();
    nlohmann::json task = {{"model", GetParam().model},
                           {"lr", GetParam().lr},
                           {"batch_size", kBatchSize},
                           {"steps", kSteps},
                           {"segments", nlohmann::json::array()},
                           {"optimizer",
                            {{"name", optimizer.name},
                             {"momentum", optimizer.momentum.value_or(0.0)},
                             {"beta1", optimizer.beta1.value_or(0.0)},
                             {"beta2", optimizer.beta2.value_or(0.0)},
                             {"eps", optimizer.eps.value_or(0.0)},
                             {"weight_decay", optimizer.weight_decay}}}};
    for (const Segment& segment : layout.segments) {
      task["segments"].push_back(
          {{"name", segment.name}, {"shape", segment.shape}, {"offset", segment.offset}});
    }
    std::ofstream(directory / "task.json") << task;
    const AlignedVector weights = initial_weights(layout, kSeed);
    write<float>(directory / "weights.f32", weights);
    write_batches(directory);
  }

  // The batches that a trainer of this seed and batch size will see.
  static void write_batches(const std::filesystem::path& directory) {
    Sampler sampler(static_cast<std::uint32_t>(data_->train.size()), kSeed);
    std::vector<std::uint32_t> indices(kBatchSize);
    std::vector<float> src(kBatchSize * 784);
    std::vector<std::int32_t> labels(kBatchSize);
    for (std::int64_t step = 0; step < kSteps; ++step) {
      sampler.next(indices);
      gather(data_->train, data_->normalization, indices, src, labels);
      write<float>(directory / "src.f32", src);
      write<std::int32_t>(directory / "labels.i32", labels);
    }
  }

  static inline std::shared_ptr<const DataSplits> data_;
  static inline bool have_torch_ = false;
};

TEST_P(TrajectoryAgainstTorch, FiftyStepsAgree) {
  if (!have_torch_) GTEST_SKIP() << "needs Debian's package python3-torch";
  testing::TemporaryDirectory directory;
  write_task(directory.path());
  Trainer trainer(*data_, model(), GetParam().optimizer, kBatchSize, kSeed);
  std::vector<double> losses;
  for (std::int64_t step = 0; step < kSteps; ++step) {
    losses.push_back(trainer.step(static_cast<float>(GetParam().lr)).loss_sum / kBatchSize);
  }

  ASSERT_EQ(run_python({ETALON_TORCH_WITNESS, directory.path().string()}), 0);
  const auto expected_losses = read<double>(directory.path() / "losses.f64");
  const auto expected = read<float>(directory.path() / "final.f32");
  ASSERT_EQ(expected.size(), trainer.weights().size());
  // The training moved: agreement is not that of two models standing still.
  EXPECT_LT(losses.back(), 0.8 * losses.front());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_NEAR(losses[i], expected_losses[i], 1e-4) << "step " << i;
  }
  double worst = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(trainer.weights()[i] - expected[i])));
  }
  RecordProperty("largest_weight_difference", std::to_string(worst));
  EXPECT_LT(worst, 1e-4);
}

// Where ε is small against the gradients, a step is nearly a sign, which a rounding error can turn
// around; lenet's smallest gradients are tiny, hence the larger ε.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const char* model : {"mlp:128", "lenet"}) {
    all.push_back({model, {.name = "sgd"}, 0.1});
    all.push_back({model, {.name = "sgd", .weight_decay = 1e-3}, 0.1});
    all.push_back({model, {.name = "momentum", .weight_decay = 1e-4}, 0.01});
    all.push_back({model, {.name = "nesterov", .weight_decay = 1e-4}, 0.01});
    all.push_back({model, {.name = "adamw", .weight_decay = 0.01}, 1e-3});
    all.push_back({model, {.name = "adam", .eps = 1e-4}, 1e-3});
    all.push_back({model, {.name = "adam", .beta2 = 0.99, .weight_decay = 1e-3}, 1e-3});
    all.push_back({model, {.name = "rmsprop", .eps = 1e-3, .weight_decay = 1e-3}, 1e-3});
    all.push_back({model, {.name = "rmsprop", .momentum = 0.5, .eps = 1e-2}, 3e-4});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, TrajectoryAgainstTorch, ::testing::ValuesIn(cases()));

}  // namespace
}  // namespace etalon
