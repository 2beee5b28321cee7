// `etalon noise LOG`: what it reads, what it answers, and what it refuses.
#include <map>
#include <sstream>

#include "cli/noise_command.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class NoiseOfLogs : public testing::NoiseCommand {};

TEST_F(NoiseOfLogs, HoldsTheKnownScaleOfPairs) {
  const Json answer = noise_json({write("pairs.csv", pairs(200))});
  expect_known(answer);
  EXPECT_EQ(answer.at("measurements"), 200);
  EXPECT_EQ(answer.at("examples"), 200 * 128.0);
  EXPECT_NEAR(answer.at("covariance_trace").get<double>(), gradients_.covariance_trace(),
              0.05 * gradients_.covariance_trace());
  EXPECT_EQ(answer.at("parts").size(), 8u);
}

TEST_F(NoiseOfLogs, ReadsTheColumnsOfNanoGns) {
  std::string text = pairs(200);
  text.replace(0, text.find('\n'),
               "ddp/small_batch_size,ddp/small_batch_norm,ddp/big_batch_size,ddp/big_batch_norm");
  expect_known(noise_json({write("nano.csv", text)}));
}

TEST_F(NoiseOfLogs, TakesNormsAsSquaredWhereTheirNameOrTheUserSaysSo) {
  const std::string squared = pairs(200, [](double norm) { return norm; });
  expect_known(noise_json({write("asked.csv", squared), "--norms", "squared"}));
  std::string named = squared;
  named.replace(0, named.find('\n'),
                "small_batch_size,small_norm_squared,big_batch_size,big_norm_squared");
  expect_known(noise_json({write("named.csv", named)}));
}

TEST_F(NoiseOfLogs, TakesBatchSizesAndColumnsThatAreNamed) {
  std::string text = "step;a;b\n";
  for (int i = 0; i < 200; ++i) {
    const NormPair pair = gradients_.pair(8, 16.0);
    text += fmt::format("{};{:.10g};{:.10g}\n", i, std::sqrt(pair.small_squared_norm),
                        std::sqrt(pair.big_squared_norm));
  }
  expect_known(noise_json({write("named.csv", text), "--small-norm", "a", "--big-norm", "b",
                           "--small-batch-size", "16", "--big-batch-size", "128"}));
}

TEST_F(NoiseOfLogs, ReadsJsonLinesAmongOthers) {
  std::istringstream rows(singles(60, {16, 64, 256, 1024}, plain));
  std::string text, row;
  for (std::getline(rows, row); std::getline(rows, row);) {
    const std::size_t comma = row.find(',');
    text += fmt::format("{{\"batch_size\": {}, \"train/grad_norm\": {}}}\n{{\"val_loss\": 1}}\n",
                        row.substr(0, comma), row.substr(comma + 1));
  }
  const Json answer = noise_json({write("log.jsonl", text)});
  expect_known(answer);
  EXPECT_EQ(answer.at("measurements"), 240);
}

TEST_F(NoiseOfLogs, HoldsTheKnownScaleOfALineAndShowsIt) {
  const std::string log = write("line.csv", singles(60, {16, 64, 256, 1024}, plain));
  const Json answer = noise_json({log});
  expect_known(answer);
  ASSERT_EQ(answer.at("line").size(), 4u);
  for (const Json& at : answer.at("line")) {
    EXPECT_NEAR(at.at("mean_squared_norm").get<double>(), at.at("fitted").get<double>(),
                4.0 * at.at("standard_error").get<double>());
  }
  EXPECT_THAT(noise({log}).out, HasSubstr("|G|² + tr Σ/B"));
}

TEST_F(NoiseOfLogs, SaysWhereTheNormsLieOnNoLine) {
  const auto off = [](double batch_size, double squared) {
    return std::sqrt(batch_size == 64 ? 4 * squared : squared);
  };
  const auto result = noise({write("bent.csv", singles(60, {16, 64, 256, 1024}, off)), "--quiet"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("do not lie on a line in 1/B"));
}

TEST_F(NoiseOfLogs, TakesOnlyTheRowsThatAreAskedFor) {
  std::string text = singles(60, {16, 1024}, plain);
  std::string marked = "batch_size,grad_norm,step\n";
  std::istringstream rows(text.substr(text.find('\n') + 1));
  for (std::string row; std::getline(rows, row);) marked += row + ",1\n" + "16,1000,2\n";
  const Json answer = noise_json({write("steps.csv", marked), "--where", "step=1"});
  expect_known(answer);
  EXPECT_EQ(answer.at("measurements"), 120);
}

// The hyperbola and the learning rate, by hand from the scale that is printed.
TEST_F(NoiseOfLogs, SaysWhatABatchSizeCostsAndItsLearningRate) {
  const Json answer = noise_json(
      {write("pairs.csv", pairs(200)), "--to", "32,400", "--lr", "0.1", "--batch-size", "32"});
  const double scale = answer.at("noise_scale");
  const Json &first = answer.at("batch_sizes").at(0), &second = answer.at("batch_sizes").at(1);
  EXPECT_NEAR(first.at("lr").get<double>(), 0.1, 1e-12);
  EXPECT_NEAR(second.at("steps").get<double>(), 1 + scale / 400, 1e-9);
  EXPECT_NEAR(second.at("examples").get<double>(), 1 + 400 / scale, 1e-9);
  EXPECT_NEAR(second.at("lr").get<double>(), 0.1 * (1 + scale / 32) / (1 + scale / 400), 1e-9);
  EXPECT_LT(second.at("lr_low").get<double>(), second.at("lr").get<double>());
  EXPECT_GT(second.at("lr_high").get<double>(), second.at("lr").get<double>());
}

TEST_F(NoiseOfLogs, AnswersFirstAndThenShowsItsEvidence) {
  const auto result = noise({write("pairs.csv", pairs(200)), "--quiet"});
  EXPECT_THAT(result.out, ::testing::StartsWith("The gradient noise scale is "));
  EXPECT_LT(result.out.find("largest useful batch size"), result.out.find("tr Σ"));
  EXPECT_THAT(result.out, HasSubstr("line 2 to line 26 "));
}

TEST_F(NoiseOfLogs, IsUndefinedWhereTheGradientIsLostInTheNoise) {
  testing::GaussianGradients lost(1e7, "lost");
  std::string text = "small_batch_size,small_norm_squared,big_batch_size,big_norm_squared\n";
  for (int i = 0; i < 30; ++i) {
    const NormPair pair = lost.pair(4, 8.0);
    text += fmt::format("8,{:.10g},32,{:.10g}\n", pair.small_squared_norm, pair.big_squared_norm);
  }
  const std::string log = write("lost.csv", text);
  const Json answer = noise_json({log});
  EXPECT_TRUE(answer.at("noise_scale").is_null());
  EXPECT_TRUE(answer.at("noise_scale_high").is_null());
  EXPECT_GT(answer.at("noise_scale_low").get<double>(), 10.0);
  EXPECT_GT(answer.at("examples_needed").get<double>(), 30 * 32.0);
  EXPECT_THAT(noise({log}).out, HasSubstr("undefined"));
}

TEST_F(NoiseOfLogs, GivesABareRatioNoInterval) {
  const std::string log = write("ratio.csv", "step,train/noise_scale\n1,300\n2,500\n3,4000\n");
  const Json answer = noise_json({log});
  EXPECT_EQ(answer.at("noise_scale"), 500.0);
  EXPECT_TRUE(answer.at("noise_scale_low").is_null());
  const std::string out = noise({log}).out;
  EXPECT_THAT(out, HasSubstr("gets no interval"));
  EXPECT_THAT(out, Not(HasSubstr("90%")));
}

TEST_F(NoiseOfLogs, RefusesNormsThatNoAverageHasWithTheUsualCauses) {
  const std::vector<double> sizes = {16, 64, 256};
  const auto summed = [](double batch_size, double squared) {
    return batch_size * std::sqrt(squared);
  };
  expect_refused(singles(20, sizes, summed), {"grow with the batch size", "average the gradient"});
  const auto clipped = [](double, double) { return 1.0; };
  expect_refused(singles(20, sizes, clipped), {"all gradient norms are 1", "before clipping"});
  const auto scaled = [](double batch_size, double squared) {
    return std::pow(batch_size, 0.15) * std::sqrt(squared + 5.0);
  };
  expect_refused(singles(20, sizes, scaled), {"do not fall with the batch size", "loss scale"});
  const auto twice = [](double batch_size, double squared) {
    return std::sqrt(squared) / batch_size;
  };
  expect_refused(singles(20, sizes, twice), {"fall faster", "--norms squared"});
}

TEST_F(NoiseOfLogs, RefusesWhatIsMissingWithExitCodeTwo) {
  expect_refused("batch_size,grad_norm\n8,1\n8,2\n8,3\n", {"one batch size, 8", "bad.csv"});
  expect_refused("batch_size,grad_norm\n8,1\n16,2\n", {"one gradient norm at batch size 8"});
  expect_refused("batch_size,grad_norm\n8,1\n8,nan\n", {"'grad_norm' is nan", "bad.csv:3"});
  expect_refused("batch_size,grad_norm\n8,1\n0,1\n", {"'batch_size' is 0", "bad.csv:3"});
  expect_refused("batch_size,grad_norm\n8,1\n8,fast\n", {"'fast'", "bad.csv:3"});
  expect_refused("grad_norm\n1\n2\n", {"the batch size", "--batch-column"});
  expect_refused("step,loss\n1,2\n", {"no columns look like gradient norms", "--small-norm"});
  expect_refused("batch_size,grad_norm\n", {"no rows"});
  const std::string head = "small_batch_size,small_norm,big_batch_size,big_norm\n";
  expect_refused(head + "8,2,8,1\n", {"8 examples", "bad.csv:2"});
  expect_refused(head + "8,2,64,1\n", {"one pair"});
  expect_refused(head + "8,2,64,-1\n", {"'big_norm' is -1", "bad.csv:2"});
  expect_refused("small_norm,big_norm\n2,1\n", {"size of the small batch", "--small-batch-size"});
  expect_refused("small_norm,big_norm\n2,1\n", {"--small-batch-size is 0, it must be in [1, "},
                 {"--small-batch-size", "0"});
  expect_refused(head + "8,2,64,1\n8,3,64,1\n", {"--lr and --batch-size"}, {"--lr", "0.1"});
  expect_refused(head + "8,2,64,1\n", {"no rows"}, {"--where", "big_norm=7"});
}

TEST_F(NoiseOfLogs, ReadsStandardInput) {
  const std::string log = write("pairs.csv", pairs(50));
  const auto result =
      testing::run_command("'" ETALON_BINARY "' noise - --quiet --format json < '" + log + "'");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(Json::parse(result.output).at("measurements"), 50);
}

// `etalon scale --noise-scale noise.json` gives what the number in it gives.
TEST_F(NoiseOfLogs, IsTakenFromItsFileByOtherCommands) {
  const auto measured = noise({write("pairs.csv", pairs(100)), "--format", "json", "--quiet"});
  const std::string file = write("noise.json", measured.out);
  const double scale = Json::parse(measured.out).at("noise_scale");
  const auto scaled = [](const std::string& noise_scale) {
    return testing::run_program(
        ETALON_BINARY,
        {"scale", "--batch-size", "64", "--lr", "0.1", "--optimizer", "sgd", "--to", "512",
         "--rule", "saturating", "--format", "json", "--noise-scale", noise_scale});
  };
  const auto by_file = scaled(file);
  EXPECT_EQ(by_file.exit_code, 0) << by_file.err;
  EXPECT_EQ(by_file.out, scaled(fmt::format("{}", scale)).out);
  for (const auto& [text, said] :
       std::map<std::string, std::string>{{"{\"loss\": 1}", "no answer of etalon noise"},
                                          {"nonsense", "no answer of etalon noise"},
                                          {"{\"noise_scale\": \"7\"}", "no answer of etalon noise"},
                                          {"{\"noise_scale\": 0}", "it must be above 0"},
                                          {"{\"noise_scale\": null}", "undefined"}}) {
    const auto refused = scaled(write("other.json", text));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr(said));
  }
  for (const std::string& place : {std::string("nowhere.json"), directory_.path().string()}) {
    EXPECT_EQ(scaled(place).exit_code, 2);
    EXPECT_THAT(scaled(place).err, HasSubstr("neither a number nor a file"));
  }
}

}  // namespace
}  // namespace etalon
