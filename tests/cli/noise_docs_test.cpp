// docs/noise.md is what runs: its samples print what they show, and its PyTorch logs norms whose
// noise scale is that of the gradients of single examples, as torch has them.
#include "cli/docs_samples.hpp"
#include "cli/noise_command.hpp"
#include "support/run_command.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using testing::blocks;
using testing::kSource;
using testing::read;
using Json = nlohmann::json;

class DocsOnNoise : public testing::NoiseCommand {
 protected:
  // Ends of intervals are named together.
  void expect_named(const Json& object) const {
    for (const auto& [key, value] : object.items()) {
      if (key.ends_with("_low") || key.ends_with("_high")) continue;
      EXPECT_NE(document_.find("`" + key + "`"), std::string::npos) << key;
    }
  }

  const std::string document_ = read(kSource / "docs" / "noise.md");
};

TEST_F(DocsOnNoise, LogNormsInPyTorchWhoseScaleIsThatOfSingleExamples) {
  if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  ASSERT_EQ(blocks(document_, "python").size(), 3u);
  const auto witness = testing::run_command(fmt::format(
      "/usr/bin/python3 '{}' '{}' '{}'", (kSource / "tests/cli/noise_witness.py").string(),
      (kSource / "docs/noise.md").string(), directory_.path().string()));
  ASSERT_EQ(witness.exit_code, 0) << witness.output;
  const double scale = Json::parse(witness.output).at("noise_scale");
  for (const char* log : {"plain.csv", "accumulation.csv", "ddp.csv"}) {
    const Json answer = noise_json({(directory_.path() / log).string(), "--level", "0.99"});
    EXPECT_LE(answer.at("noise_scale_low").get<double>(), scale) << log;
    EXPECT_GE(answer.at("noise_scale_high").get<double>(), scale) << log;
    EXPECT_NEAR(answer.at("noise_scale").get<double>(), scale, 0.25 * scale) << log;
    EXPECT_EQ(answer.at("measurements"), 150) << log;
  }
}

TEST_F(DocsOnNoise, ShowWhatIsPrinted) {
  const auto samples = blocks(document_, "console");
  ASSERT_EQ(samples.size(), 2u);
  for (const std::string& sample : samples) {
    const std::size_t end = sample.find('\n');
    const std::string command = sample.substr(2, end - 2);
    const auto result =
        testing::run_command(fmt::format("cd '{}' && etalon() {{ '{}' \"$@\"; }} && {} 2>/dev/null",
                                         (kSource / "docs").string(), ETALON_BINARY, command));
    EXPECT_EQ(result.exit_code, 0) << command;
    // What a training comes to differs between processors, whose sums round differently.
    const bool trains = command.find("--model") != std::string::npos;
    testing::expect_sample(result.output, sample.substr(end + 1), {trains ? 0.25 : 0.0, 1.0},
                           command);
  }
}

TEST_F(DocsOnNoise, NameEveryKeyOfCurvature) {
  const Json answer = noise_json({"--model", "linear", "--steps", "20", "--points", "1",
                                  "--noise-examples", "256", "--one-step", "8,32,128"});
  const Json& at = answer.at("curvature").at(0);
  expect_named(at);
  expect_named(at.at("one_step"));
  expect_named(at.at("one_step").at("batch_sizes").at(0));
}

TEST_F(DocsOnNoise, NameEveryKeyOfTheAnswer) {
  const Json answer =
      noise_json({(kSource / "docs/data/norms.csv").string(), "--lr", "0.1", "--batch-size", "64"});
  expect_named(answer);
  expect_named(answer.at("batch_sizes").at(0));
  expect_named(answer.at("parts").at(0));
}

}  // namespace
}  // namespace etalon
