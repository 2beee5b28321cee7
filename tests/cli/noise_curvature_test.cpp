// `etalon noise` on a network: curvature, one-step branches and checkpoints.
#include <fmt/format.h>

#include <thread>

#include "cli/noise_command.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class NoiseUnderCurvature : public testing::NoiseCommand {
 protected:
  static std::vector<std::string> with(std::vector<std::string> more) {
    std::vector<std::string> all = {"--model", "mlp:16", "--epochs", "0.2", "--points", "2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static void expect_error(const std::vector<std::string>& arguments, const char* said) {
    const auto result = noise(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(said));
  }
  // Of a short training.
  std::string checkpoint(const std::vector<std::string>& more = {}) const {
    const std::string path = (directory_.path() / "a.ckpt").string();
    std::vector<std::string> arguments = {
        "train",    "--model", "mlp:16", "--epochs",     "0.2", "--batch-size", "64", "--optimizer",
        "momentum", "--lr",    "0.02",   "--checkpoint", path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto trained = testing::run_program(ETALON_BINARY, arguments);
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    return path;
  }
};

TEST_F(NoiseUnderCurvature, IsMeasuredAtEachPointWithTheSharpness) {
  const Json points =
      noise_json(with({"--optimizer", "momentum", "--lr", "0.01", "--curvature"})).at("curvature");
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points.at(0).at("place"), "step 0");
  EXPECT_TRUE(points.at(0).at("training_lr").is_null());
  for (const Json& at : points) {
    const double sharpness = at.at("sharpness");
    EXPECT_GT(sharpness, 0.0);
    EXPECT_LE(at.at("sharpness_error").get<double>(), 0.02 * sharpness);
    // 2(1 + β)/λ_max with β = 0.9.
    EXPECT_NEAR(at.at("stable_lr").get<double>(), 3.8 / sharpness, 1e-9);
    EXPECT_GT(at.at("curvature_trace").get<double>(), 0.0);
    // No gradient is more curved along than the sharpest direction.
    EXPECT_LE(at.at("gradient_curvature_low").get<double>(),
              sharpness * at.at("squared_gradient_high").get<double>());
  }
  EXPECT_EQ(points.at(2).at("training_lr"), 0.01);
}

TEST_F(NoiseUnderCurvature, ChangesNothingElse) {
  Json with_it = noise_json(with({"--curvature"})), without = noise_json(with({}));
  EXPECT_TRUE(without.at("curvature").empty());
  with_it.erase("curvature"), without.erase("curvature");
  EXPECT_EQ(with_it, without);
}

TEST_F(NoiseUnderCurvature, IsHeldAgainstTheBestSteps) {
  const Json answer = noise_json(
      {"--model", "mlp:16", "--epochs", "0.2", "--points", "1", "--one-step", "4,32,256"});
  const Json& one_step = answer.at("curvature").at(1).at("one_step");
  ASSERT_EQ(one_step.at("batch_sizes").size(), 3u);
  double before = 0.0;
  for (const Json& at : one_step.at("batch_sizes")) {
    const double lr = at.at("lr");
    EXPECT_GT(lr, before);  // more examples, less noise, a longer step
    EXPECT_LT(at.at("lr_low").get<double>(), lr);
    EXPECT_GT(at.at("lr_high").get<double>(), lr);
    EXPECT_LT(at.at("change").get<double>(), 0.0);
    EXPECT_NEAR(std::log(at.at("predicted_lr").get<double>() / lr), 0.0, 0.7);
    before = lr;
  }
  EXPECT_GT(one_step.at("noise_scale").get<double>(), 0.0);
}

TEST_F(NoiseUnderCurvature, IsMeasuredAtTheWeightsOfACheckpoint) {
  const std::string path = checkpoint();
  const Json answer = noise_json({"--checkpoint", path});
  ASSERT_EQ(answer.at("parts").size(), 1u);
  const Json& at = answer.at("curvature").at(0);
  EXPECT_EQ(at.at("place"), "step 171");  // 0.2 · 55,000 / 64
  EXPECT_EQ(at.at("training_lr"), 0.02);
  EXPECT_NEAR(at.at("stable_lr").get<double>(), 3.8 / at.at("sharpness").get<double>(), 1e-9);
  // The same training, measured at its end by itself.
  const Json trained =
      noise_json({"--model", "mlp:16", "--epochs", "0.2", "--batch-size", "64", "--optimizer",
                  "momentum", "--lr", "0.02", "--points", "1", "--curvature"});
  EXPECT_EQ(at, trained.at("curvature").at(1));
  EXPECT_EQ(answer.at("noise_scale"), trained.at("noise_scale"));
  EXPECT_EQ(answer.at("batch_sizes"), trained.at("batch_sizes"));
}

TEST_F(NoiseUnderCurvature, TakesWhatNoFlagSaysFromTheCheckpoint) {
  const std::string path = checkpoint({"--momentum", "0.5"});
  const Json answer = noise_json({"--checkpoint", path});
  const Json& at = answer.at("curvature").at(0);
  EXPECT_NEAR(at.at("stable_lr").get<double>(), 3.0 / at.at("sharpness").get<double>(), 1e-9);
  EXPECT_EQ(answer, noise_json({"--checkpoint", path, "--lr", "0.02"}));
  EXPECT_EQ(answer, noise_json({"--checkpoint", path, "--batch-size", "64"}));
  EXPECT_EQ(answer, noise_json({"--checkpoint", path, "--optimizer", "momentum"}));
  const Json other = noise_json({"--checkpoint", path, "--optimizer", "sgd"});
  const Json& sgd = other.at("curvature").at(0);
  EXPECT_NEAR(sgd.at("stable_lr").get<double>(), 2.0 / sgd.at("sharpness").get<double>(), 1e-9);
}

// In the search for the best steps before training.
TEST_F(NoiseUnderCurvature, StopsSoonWhereItIsAskedTo) {
  testing::Program program(ETALON_BINARY, {"noise", "--model", "lenet", "--steps", "20", "--points",
                                           "1", "--one-step", "1024,2048,4096"});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ended_within(5.0));
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, HasSubstr("stopped after 0 of"));
}

TEST_F(NoiseUnderCurvature, RefusesWhatIsNoCheckpointOfThisModel) {
  const std::string path = checkpoint();
  expect_error({"--checkpoint", path, "--model", "mlp:8"}, "mlp:16 there and mlp:8 here");
  expect_error({"--checkpoint", path, "--epochs", "2"}, "--epochs is for a training");
  expect_error({"--checkpoint", write("b.ckpt", "nothing")}, "b.ckpt");
  expect_error({"--checkpoint", directory_.path().string()}, "a directory is no checkpoint");
  expect_error({"--checkpoint", directory_.path().string()}, directory_.path().c_str());
  expect_error({"--checkpoint", "/nowhere/c.ckpt"}, "cannot read the checkpoint");
  expect_error({"--one-step", "0,64"}, "--one-step is 0");
}

}  // namespace
}  // namespace etalon
