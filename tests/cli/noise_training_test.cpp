// `etalon noise` without a log: trains a network and measures along the way.
#include "cli/noise_command.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class NoiseOfTraining : public testing::NoiseCommand {
 protected:
  static std::vector<std::string> with(std::vector<std::string> more) {
    std::vector<std::string> all = {"--model", "mlp:16", "--epochs", "0.3", "--points", "3"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(NoiseOfTraining, MeasuresAtTheStartAndAtEachPoint) {
  const Json answer = noise_json(with({}));
  const Json& parts = answer.at("parts");
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts.at(0).at("first"), "step 0");
  // 0.3 · 55,000 / 32 updates.
  EXPECT_EQ(parts.at(3).at("first"), "step 515");
  EXPECT_EQ(parts.at(3).at("noise_scale"), answer.at("noise_scale"));
  for (const Json& part : parts) {
    EXPECT_EQ(part.at("examples"), 2048.0);
    EXPECT_GT(part.at("noise_scale_low").get<double>(), 0.0);
  }
  // What training does to it, everywhere: the gradient falls, the noise stays.
  EXPECT_GT(answer.at("noise_scale"), parts.at(0).at("noise_scale"));
  EXPECT_TRUE(answer.at("layers").empty());
}

TEST_F(NoiseOfTraining, IsTheSameEachTime) {
  Json one = noise_json(with({"--seed", "4"})), other = noise_json(with({"--seed", "4"}));
  EXPECT_EQ(one, other);
  EXPECT_NE(one.at("noise_scale"), noise_json(with({"--seed", "5"})).at("noise_scale"));
}

TEST_F(NoiseOfTraining, AddsUpOverItsLayers) {
  const Json answer = noise_json(with({"--layers"}));
  double g = 0.0, s = 0.0;
  for (const Json& layer : answer.at("layers")) {
    g += layer.at("squared_gradient").get<double>();
    s += layer.at("covariance_trace").get<double>();
  }
  EXPECT_EQ(answer.at("layers").size(), 2u);
  EXPECT_NEAR(g, answer.at("squared_gradient").get<double>(), 1e-6 * g);
  EXPECT_NEAR(s, answer.at("covariance_trace").get<double>(), 1e-6 * s);
}

// Two ways to the same number: the spread of batches, and the norms of single examples elsewhere.
TEST_F(NoiseOfTraining, HasTheVarianceOfBatchesOnTheLineOfSingleExamples) {
  const Json answer = noise_json(with({"--noise-examples", "8192"}));
  const Json& variances = answer.at("variances");
  ASSERT_EQ(variances.size(), 9u);
  const double trace = answer.at("covariance_trace");
  for (const Json& at : variances) {
    const double measured = at.at("measured"), expected = at.at("expected");
    EXPECT_NEAR(measured, expected, 4.0 * at.at("standard_error").get<double>());
    EXPECT_NEAR(at.at("line").get<double>() * at.at("batch_size").get<double>(), trace,
                0.25 * trace);
  }
}

TEST_F(NoiseOfTraining, SaysTheLearningRateThatFollowsFromItsOwn) {
  const Json answer = noise_json(with({"--batch-size", "64", "--lr", "0.05", "--to", "64,512"}));
  EXPECT_NEAR(answer.at("batch_sizes").at(0).at("lr").get<double>(), 0.05, 1e-12);
  const double scale = answer.at("noise_scale");
  EXPECT_NEAR(answer.at("batch_sizes").at(1).at("lr").get<double>(),
              0.05 * (1 + scale / 64) / (1 + scale / 512), 1e-9);
}

TEST_F(NoiseOfTraining, ShowsPointsLayersAndVariances) {
  const auto result = noise(with({"--layers"}));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"The gradient noise scale is", "step 515", "dense2", "variance"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
}

TEST_F(NoiseOfTraining, KeepsTheFlagsOfLogsAndOfTrainingsApart) {
  const auto expect_error = [](const std::vector<std::string>& arguments, const char* said) {
    const auto result = noise(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(said));
  };
  const std::string log = write("pairs.csv", pairs(20));
  expect_error({log, "--model", "mlp:8"}, "--model is for a training, but LOG is given");
  expect_error({"--where", "step=1"}, "--where is for a LOG, but none is given");
  expect_error({"--batch-size", "2.5"}, "--batch-size is 2.5");
  expect_error({"--noise-examples", "100"}, "--noise-examples is 100");
  expect_error({"--points", "0"}, "--points is 0");
  expect_error({"--model", "nonsense"}, "nonsense");
}

}  // namespace
}  // namespace etalon
