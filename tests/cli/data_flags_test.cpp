// --data, which is --dataset too, and --augment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::run_etalon;
using testing::SmallStudy;
using testing::operator+;

Arguments train(const SmallStudy& small, const char* checkpoint) {
  return {"train",
          "--model",
          "linear",
          "--steps",
          "3",
          "--lr",
          "0.1",
          "--quiet",
          "--validation-size",
          "200",
          "--format",
          "json",
          "--checkpoint",
          small.path(checkpoint).string()};
}

TEST(DataFlag, IsDatasetUnderAnotherName) {
  const SmallStudy small;
  const std::string source = "idx:" + small.data().string();
  const ProgramResult data = run_etalon(train(small, "a") + Arguments{"--data", source});
  const ProgramResult dataset = run_etalon(train(small, "b") + Arguments{"--dataset", source});
  ASSERT_EQ(data.exit_code, 0) << data.err;
  EXPECT_EQ(nlohmann::json::parse(data.out)["curve"], nlohmann::json::parse(dataset.out)["curve"]);
}

TEST(DataFlag, MayStandInAFileUnderEitherNameButNotBoth) {
  const SmallStudy small;
  const std::string source = "idx:" + small.data().string();
  const auto run = [&](const std::string& text) {
    std::ofstream(small.path("s.toml")) << text;
    return run_etalon(train(small, "c") + Arguments{small.path("s.toml").string()});
  };
  EXPECT_EQ(run("data = \"" + source + "\"\n").exit_code, 0);
  const ProgramResult both = run("data = \"" + source + "\"\ndataset = \"" + source + "\"\n");
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("is set twice"));
}

TEST(DataFlag, IsNamedInWhatIsWrongWithItsValue) {
  const ProgramResult result = run_etalon({"train", "--data", "teacher:5,noize=2"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--data 'teacher:5,noize=2', did you mean noise?"));
}

TEST(AugmentFlag, IsOfTrainingsAndStudiesOfImages) {
  const SmallStudy small;
  const std::string source = "idx:" + small.data().string();
  const Arguments flags = {"--data", source, "--augment", "crop,flip"};
  EXPECT_EQ(run_etalon(train(small, "d") + flags).exit_code, 0);
  const ProgramResult wrong =
      run_etalon(train(small, "e") + Arguments{"--data", source, "--augment", "crop,turn"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("there is no change 'turn', --augment"));
  const ProgramResult rows = run_etalon(
      {"study", "--data", "teacher:5", "--augment", "flip", "--out", small.path("rows").string()});
  EXPECT_EQ(rows.exit_code, 2);
  EXPECT_THAT(rows.err, HasSubstr("--augment is flip, teacher:5"));
}

}  // namespace
}  // namespace etalon
