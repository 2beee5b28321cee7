// --model FILE.toml: a stack of layers of one's own, in every command that trains; and
// --label-smoothing, which goes the same way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::rows_without_times;
using testing::run_etalon;
using testing::SmallStudy;
using testing::operator+;
using Json = nlohmann::json;

constexpr const char* kNet =
    "# mine\nlayer = [\n  {kind = 'flatten'},\n  {kind = 'linear', features = 4, activation = "
    "'relu'},\n  {kind = 'linear'},\n]\n";
constexpr const char* kWider = "layer = [{kind = 'flatten'}, {kind = 'linear'}]\n";

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

class OwnModel : public ::testing::Test {
 protected:
  OwnModel() { write_net(kNet); }

  void write_net(const std::string& text) const { std::ofstream(net()) << text; }
  std::string net() const { return small_.path("net.toml").string(); }
  std::string data() const { return "idx:" + small_.data().string(); }

  ProgramResult study(const char* name, const std::string& model,
                      const Arguments& more = {}) const {
    return run_etalon(small_.study(
        name,
        Arguments{"--data", data(), "--model", model, "--validation-size", "200", "--batch-sizes",
                  "16,64", "--base-batch-size", "64", "--seeds", "2", "--examples", "4000"} +
            more));
  }
  ProgramResult train(const std::string& model, const Arguments& more = {},
                      const char* checkpoint = "net.ckpt") const {
    return run_etalon(Arguments{"train", "--data", data(), "--model", model, "--validation-size",
                                "200", "--steps", "40", "--lr", "0.1", "--format", "json",
                                "--evaluations", "4", "--quiet", "--checkpoint",
                                small_.path(checkpoint).string()} +
                      more);
  }
  Json summary(const char* name) const {
    return Json::parse(testing::read_text(small_.path(name) / "summary.json"));
  }
  std::vector<Arguments> trials(const char* name) const {
    return rows_without_times(small_.path(name) / "trials.csv");
  }

  SmallStudy small_;
};

TEST_F(OwnModel, IsStudiedAsTheBuiltInOfTheSameLayers) {
  const ProgramResult own = study("own", net());
  ASSERT_EQ(own.exit_code, 0) << own.err;
  ASSERT_EQ(study("built-in", "mlp:4").exit_code, 0);
  EXPECT_EQ(trials("own"), trials("built-in"));
  const Json settings = summary("own").at("study").at("settings");
  EXPECT_EQ(settings.at("model"), "net.toml");
  EXPECT_THAT(settings.at("layers").get<std::string>(), HasSubstr("features = 4"));
  EXPECT_THAT(own.out, HasSubstr("net.toml, sgd: validation loss"));
}

TEST_F(OwnModel, GoesOnWithTheLayersThatAStudyBeganWith) {
  ASSERT_EQ(study("own", net()).exit_code, 0);
  const auto before = trials("own");
  const auto goes_on = [&](const char* why) {
    const ProgramResult resumed = study("own", net(), {"--resume"});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(trials("own"), before);
    EXPECT_THAT(on_one_line(resumed.err),
                HasSubstr(std::string("net.toml ") + why + "; the study goes on with the layers"));
  };
  write_net(kWider);
  goes_on("has changed");
  std::filesystem::remove(net());
  goes_on("is gone");
  write_net(std::string("name = 'other'\n") + kNet);
  const ProgramResult other = study("own", net(), {"--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--model was \"net.toml\" and is now \"other\""));
}

TEST_F(OwnModel, IsKeptBesideTheStudySoThatItCanBeRunAgain) {
  ASSERT_EQ(study("own", net()).exit_code, 0);
  const std::string kept = (small_.path("own") / "model.toml").string();
  const std::string again = summary("own").at("provenance").at("reproduce_command");
  EXPECT_THAT(again, HasSubstr("--model " + kept));
  EXPECT_THAT(again, ::testing::Not(HasSubstr("--model " + net())));
  std::filesystem::remove(net());
  ASSERT_EQ(study("again", kept).exit_code, 0);
  EXPECT_EQ(trials("again"), trials("own"));
  EXPECT_EQ(summary("again").at("study"), summary("own").at("study"));
  ASSERT_EQ(run_etalon({"report", small_.path("own").string()}).exit_code, 0);
  EXPECT_EQ(summary("own").at("study"), summary("again").at("study"));
}

TEST_F(OwnModel, LeavesTheFileThatWasGivenAsItIs) {
  std::filesystem::create_directory(small_.path("own"));
  const std::string inside = (small_.path("own") / "model.toml").string();
  std::ofstream(inside) << kNet;
  ASSERT_EQ(study("own", inside).exit_code, 0);
  EXPECT_EQ(testing::read_text(inside), kNet);
}

TEST_F(OwnModel, TrainsAsTheBuiltInOfTheSameLayers) {
  const Json own = Json::parse(train(net()).out),
             built_in = Json::parse(train("mlp:4", {}, "m").out);
  EXPECT_EQ(own.at("curve"), built_in.at("curve"));
}

TEST_F(OwnModel, OfACheckpointIsMeasuredWithoutItsFile) {
  ASSERT_EQ(train(net()).exit_code, 0);
  std::filesystem::remove(net());
  const Arguments noise = {"noise",    "--checkpoint", small_.path("net.ckpt").string(),
                           "--format", "json",         "--noise-examples",
                           "256"};
  const ProgramResult measured = run_etalon(noise);
  ASSERT_EQ(measured.exit_code, 0) << measured.err;
  EXPECT_THAT(measured.out, HasSubstr("net.toml, sgd"));
  const ProgramResult resumed = train(net(), {"--resume"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_THAT(on_one_line(resumed.err), HasSubstr("is gone; the training goes on with the layers"));
}

TEST_F(OwnModel, SaysWhatIsWrongWithItsLine) {
  write_net("layer = [\n  {kind = 'flaten'}]\n");
  const ProgramResult wrong = train(net());
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("net.toml:2, did you mean flatten?"));
  EXPECT_THAT(train("gone.toml").err, HasSubstr("there is no model file 'gone.toml'"));
  EXPECT_THAT(run_etalon({"train", net()}).err, HasSubstr("a file of layers is a model: --model"));
}

TEST_F(OwnModel, IsMeasuredByRangeTestsAndTimed) {
  EXPECT_EQ(run_etalon({"range", "--data", data(), "--model", net(), "--ramp-steps", "30",
                        "--restarts", "2", "--quiet"})
                .exit_code,
            0);
  EXPECT_EQ(run_etalon({"bench", "--data", data(), "--models", net(), "--batch-sizes", "8",
                        "--seconds", "0.05"})
                .exit_code,
            0);
}

TEST_F(OwnModel, IsTrainedOnSmoothedLabelsButValidatedOnPlainOnes) {
  const auto smoothed = [&](const char* share, const char* checkpoint) {
    const ProgramResult run = train("linear", {"--label-smoothing", share}, checkpoint);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Json::parse(run.out);
  };
  const Json plain = smoothed("0", "a"), soft = smoothed("0.5", "b");
  EXPECT_FALSE(plain.at("settings").contains("label_smoothing"));
  EXPECT_EQ(soft.at("settings").at("label_smoothing"), "0.5");
  // Untrained, both say the same of the validation set; then the smoothed loss has a floor.
  EXPECT_EQ(plain.at("untrained_validation_loss"), soft.at("untrained_validation_loss"));
  EXPECT_GT(soft.at("final").at("train_loss"), plain.at("final").at("train_loss"));
}

TEST_F(OwnModel, SmoothsLabelsOfAStudyAndOfNoOther) {
  ASSERT_EQ(study("soft", "linear", {"--label-smoothing", "0.1"}).exit_code, 0);
  EXPECT_EQ(summary("soft").at("study").at("settings").at("label_smoothing"), "0.1");
  const ProgramResult other = study("soft", "linear", {"--resume", "--label-smoothing", "0.2"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--label-smoothing was \"0.1\" and is now \"0.2\""));
  EXPECT_THAT(train("linear", {"--label-smoothing", "1"}, "c").err,
              HasSubstr("--label-smoothing is 1, it must be in [0, 1)"));
  const ProgramResult targets = run_etalon(
      {"train", "--data", "teacher:5,outputs=1", "--model", "linear", "--label-smoothing", "0.1"});
  EXPECT_THAT(targets.err, HasSubstr("--label-smoothing is 0.1, teacher:5,outputs=1, targets are"));
}

}  // namespace
}  // namespace etalon
