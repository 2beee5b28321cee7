// The files that commands write and read: what cannot be written is found before the work, nothing
// that was given to read is overwritten, and a file of settings can be anything.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::read_text;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::operator+;

std::string refusal_of_files(const Arguments& arguments) {
  const ProgramResult result = run_etalon(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, StartsWith("etalon: error: "));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  return result.err;
}

class OutputFiles : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return small_.path(name).string(); }

  Arguments train(const std::string& checkpoint) const {
    return {"train",
            "--dataset",
            "idx:" + small_.data().string(),
            "--model",
            "linear",
            "--steps",
            "20",
            "--validation-size",
            "200",
            "--quiet",
            "--checkpoint",
            path(checkpoint)};
  }

  std::string runs() const {
    std::ofstream file(path("runs.csv"));
    file << "batch_size,lr,loss\n";
    for (int i = -3; i <= 3; ++i) {
      file << fmt::format("32,{},{}\n", 0.1 * std::exp2(i), 1.0 + 0.05 * i * i);
      file << fmt::format("64,{},{}\n", 0.2 * std::exp2(i), 1.0 + 0.05 * i * i);
    }
    return path("runs.csv");
  }

  SmallStudy small_;
};

TEST_F(OutputFiles, ThatCannotBeWrittenAreFoundBeforeTheWork) {
  const std::string nowhere = path("nowhere/file");
  EXPECT_THAT(refusal_of_files({"fit", runs(), "--html", nowhere}),
              ::testing::AllOf(HasSubstr(nowhere), HasSubstr("choose another --html")));
  EXPECT_THAT(refusal_of_files({"fit", runs(), "--html", path("data")}),
              HasSubstr("--html is a directory"));
  EXPECT_THAT(refusal_of_files(train("c") + Arguments{"--csv", nowhere}),
              ::testing::AllOf(HasSubstr(nowhere), HasSubstr("choose another --csv")));
  EXPECT_THAT(refusal_of_files(train("nowhere/c")), HasSubstr("choose another --checkpoint"));
  EXPECT_FALSE(std::filesystem::exists(path("c")));
}

TEST_F(OutputFiles, OfAStudyThatCannotBeWrittenAreFoundBeforeTheWork) {
  std::filesystem::create_directories(path("o/report.html"));
  EXPECT_THAT(refusal_of_files(small_.study("o", small_.settings())), HasSubstr("report.html"));
  EXPECT_FALSE(std::filesystem::exists(path("o/study.db")));
}

TEST_F(OutputFiles, NeverOverwriteAnInputOrAnother) {
  const std::string before = read_text(runs());
  EXPECT_THAT(refusal_of_files({"fit", runs(), "--html", path("./runs.csv")}),
              HasSubstr("--html would overwrite what"));
  EXPECT_EQ(read_text(path("runs.csv")), before);
  EXPECT_THAT(refusal_of_files(train("c") + Arguments{"--csv", path("./c")}),
              HasSubstr("--checkpoint and --csv are one file"));
  std::ofstream(path("recipe.toml")) << "lr = 0.1\n";
  EXPECT_THAT(
      refusal_of_files(train("c") + Arguments{path("recipe.toml"), "--csv", path("recipe.toml")}),
      HasSubstr("--csv would overwrite what"));
  EXPECT_EQ(read_text(path("recipe.toml")), "lr = 0.1\n");
}

TEST_F(OutputFiles, NeverTakeThePlaceOfAStudy) {
  ASSERT_EQ(run_etalon(small_.study("o", small_.settings() + Arguments{"--quiet"})).exit_code, 0);
  const std::string before = read_text(path("o/study.db"));
  for (const std::string given : {"o", "o/study.db"}) {
    for (const std::string name : {"study.db", "study.db-wal"}) {
      EXPECT_THAT(refusal_of_files({"fit", path(given), "--html", path("o/" + name)}),
                  HasSubstr("--html would overwrite what"));
    }
  }
  EXPECT_EQ(read_text(path("o/study.db")), before);
}

TEST_F(OutputFiles, ForAReaderThatHasLeftAreNoFailure) {
  for (const Arguments& arguments :
       {Arguments{"fit", runs(), "--quiet"}, Arguments{"fit", runs(), "--quiet", "--format", "csv"},
        Arguments{"scale", "--batch-size", "32", "--to", "64", "--lr", "0.1"},
        Arguments{"train", "--help"}}) {
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    const ProgramResult result = run_etalon(arguments, {.output_descriptor = ends[1]});
    close(ends[1]);
    EXPECT_EQ(result.exit_code, 0) << arguments[0];
    EXPECT_EQ(result.err, "");
  }
}

class SettingsFile : public OutputFiles {
 protected:
  std::string refusal_of_text(const std::string& text) const {
    std::ofstream(path("settings.toml"), std::ios::binary) << text;
    std::string refusal;
    for (const char* command : {"study", "train"}) {
      refusal = refusal_of_files({command, path("settings.toml")});
      EXPECT_THAT(refusal, HasSubstr("settings.toml"));
    }
    return refusal;
  }
};

TEST_F(SettingsFile, OfAnyDepthIsRefused) {
  constexpr std::size_t kBytes = 80'000;
  EXPECT_THAT(refusal_of_text("lr = " + std::string(kBytes, '[')), HasSubstr("nested"));
  EXPECT_THAT(refusal_of_text(std::string(kBytes, '[')), HasSubstr("nested"));
  std::string tables = "lr = ", dots = "lr", header = "[lr";
  while (tables.size() < kBytes) tables += "{a=";
  while (dots.size() < kBytes) dots += ".a";
  while (header.size() < kBytes) header += ".a";
  EXPECT_THAT(refusal_of_text(tables), HasSubstr("nested"));
  EXPECT_THAT(refusal_of_text(dots + " = 1\n"), HasSubstr("nested"));
  EXPECT_THAT(refusal_of_text(header + "]\n"), HasSubstr("nested"));
}

TEST_F(SettingsFile, OfAMebibyteIsNone) {
  EXPECT_THAT(refusal_of_text("lr = 0.1 # " + std::string(1 << 20, 'x')),
              HasSubstr("larger than 1 MiB"));
}

TEST_F(SettingsFile, WithAZeroByteOrAKeyTwiceIsRefused) {
  EXPECT_THAT(refusal_of_text("model = \"linear\\u0000\"\n"), HasSubstr("'model' has a zero byte"));
  EXPECT_THAT(refusal_of_text(std::string("model = \"li\0near\"\n", 18)), HasSubstr(":1"));
  EXPECT_THAT(refusal_of_text("lr = 0.1\nlr = 0.2\n"), HasSubstr(":2"));
  EXPECT_THAT(refusal_of_text("weight_decay = 0.1\nweight-decay = 0.2\n"),
              HasSubstr("is set twice"));
}

TEST_F(SettingsFile, InUtf16IsRecognized) {
  EXPECT_THAT(refusal_of_text(std::string("\xFF\xFEl\0r\0", 6)), HasSubstr("is UTF-16"));
  EXPECT_THAT(refusal_of_text(std::string("l\0r\0", 4)), HasSubstr("save it as UTF-8"));
}

TEST_F(SettingsFile, WithANameThatIsNearlyOneIsAnsweredWithTheOneThatWasMeant) {
  EXPECT_THAT(refusal_of_text("optimiser = \"adam\"\n"), HasSubstr("did you mean optimizer?"));
}

TEST_F(SettingsFile, ThatIsNoFileIsRefusedWithoutAWait) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(refusal_of_files({"study", pipe}), HasSubstr("is no regular file"));
}

}  // namespace
}  // namespace etalon
