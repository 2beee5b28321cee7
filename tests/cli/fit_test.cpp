// `etalon fit`: what it answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <sstream>

#include "cli/fit_command.hpp"

namespace etalon {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class Fit : public testing::FitCommand {};

// Without being asked for any batch size.
TEST_F(Fit, RecommendsALearningRateAtEveryBatchSizeThatWasRun) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const Json group = fit_json({runs});
  ASSERT_EQ(group.at("at_runs").size(), 2u);
  EXPECT_TRUE(group.at("predictions").empty());
  EXPECT_EQ(group["at_runs"][1].at("batch_size"), 128.0);
  EXPECT_THAT(fit({runs}).out, ContainsRegex("use lr[^\n]*\n +64 +0\\.00[^\n]*\n +128 +0\\.00"));
}

TEST_F(Fit, SaysNotHowFarBeyondTheRunsOneOfThemIs) {
  const auto result = fit({write("runs.csv", sweeps({64, 128})), "--to", "128,96,512"});
  EXPECT_THAT(result.out, Not(ContainsRegex("128 [^\n]*beyond 128\n +0[^\n]*rule")));
  EXPECT_THAT(result.out, ContainsRegex(" 96 [^\n]*  between the runs\n"));
  EXPECT_THAT(result.out, ContainsRegex(" 512 [^\n]*  4x beyond 128\n"));
}

TEST_F(Fit, CountsRunsAndDivergences) {
  const std::string groups = "model,batch_size,lr,loss\na,32,0.1,2\nb,32,0.2,nan\nb,32,0.1,2\n";
  EXPECT_THAT(fit({write("runs.csv", groups)}).out,
              ::testing::StartsWith("3 runs in 2 groups, 1 diverged\n\n"
                                    "model=a: 1 run at 1 batch size, none diverged\n"));
  const std::string runs = "batch_size,lr,loss\n32,0.1,2\n32,0.2,nan\n64,0.1,2\n64,0.4,inf\n";
  EXPECT_THAT(fit({write("runs.csv", runs)}).out,
              ::testing::StartsWith("4 runs at 2 batch sizes, 2 diverged\n"));
}

TEST_F(Fit, WritesTheFormulaOfEachLaw) {
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512}))});
  for (const Json& law : group.at("laws")) {
    EXPECT_THAT(law.at("formula").get<std::string>(), ::testing::StartsWith("η* = "));
  }
}

// Replicates in any order, without a column that pairs them.
TEST_F(Fit, AnswersTheSameWhateverTheOrderOfRows) {
  std::vector<std::string> rows;
  RandomStream noise(3, "fit_test.order");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -4; step <= 6; ++step) {
      for (int repeat = 0; repeat < 3; ++repeat) {
        const double z = 0.5 * step - 0.5 * std::log2(batch_size / 64);
        rows.push_back(number(batch_size) + "," + number(1e-3 * std::exp2(0.5 * step)) + "," +
                       number(2 + 0.03 * z * z + 0.01 * noise.normal()) + "\n");
      }
    }
  }
  const auto answer = [&] {
    std::string text = "batch_size,lr,loss\n";
    for (const std::string& row : rows) text += row;
    return fit({write("runs.csv", text), "--to", "1024", "--format", "json"}).out;
  };
  const std::string wanted = answer();
  RandomStream random(7, "fit_test.shuffle");
  for (int shuffle = 0; shuffle < 3; ++shuffle) {
    for (std::size_t i = rows.size(); i > 1; --i) {
      std::swap(rows[i - 1], rows[random.below(static_cast<std::uint32_t>(i))]);
    }
    EXPECT_EQ(answer(), wanted);
  }
}

// What one seed adds to all losses of its own.
TEST_F(Fit, NoticesThatSeedsMatterMoreThanTheRest) {
  std::string runs = "batch_size,lr,seed,loss\n";
  RandomStream noise(3, "fit_test.seeds");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -3; step <= 3; ++step) {
      for (int seed = 0; seed < 4; ++seed) {
        runs += number(batch_size) + "," + number(1e-3 * std::exp2(0.5 * step)) + "," +
                number(seed) + "," +
                number(2 + 0.01 * step * step + 0.1 * seed + 0.0005 * noise.normal()) + "\n";
      }
    }
  }
  const Json notes = fit_json({write("runs.csv", runs)}).at("notes");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_THAT(notes[0].get<std::string>(), HasSubstr("seed"));
}

TEST_F(Fit, NoticesADivergenceBelowAGoodRun) {
  const std::string runs = write("runs.csv", sweeps({64, 128}) + "64,0.0005,nan\n");
  const Json group = fit_json({runs});
  ASSERT_EQ(group.at("notes").size(), 1u);
  EXPECT_THAT(unwrapped(fit({runs}).out), HasSubstr(group["notes"][0].get<std::string>()));
}

// The truth rises with the root: 1e-3 · √(2048/64).
TEST_F(Fit, FindsTheLearningRateThatTheRunsWereMadeWith) {
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "2048"});
  const Json& prediction = group.at("predictions").at(0);
  const double truth = 1e-3 * std::sqrt(32.0);
  EXPECT_LE(prediction.at("lr_low"), truth);
  EXPECT_GE(prediction.at("lr_high"), truth);
  EXPECT_NEAR(std::log2(prediction.at("lr").get<double>() / truth), 0.0, 0.5);
}

// Doing as a refusal says must change the answer.
TEST_F(Fit, AnswersOnceTheRunsThatItAskedForAreThere) {
  std::string text = sweeps({64});
  const Json unsure = fit_json({write("runs.csv", text), "--to", "1024"});
  ASSERT_TRUE(unsure.at("caution").is_string());
  EXPECT_EQ(unsure.at("predictions").size(), 1u);
  const std::string advice = unsure["caution"];
  const auto at = advice.find("run batch size ");
  ASSERT_NE(at, std::string::npos) << advice;
  std::istringstream words(advice.substr(at + std::string("run batch size ").size()));
  double batch_size = 0.0;
  std::string word;
  words >> batch_size >> word >> word >> word;  // "at learning rates"
  ASSERT_EQ(word, "rates") << advice;
  for (double lr = 0.0; words >> lr; words.ignore(1)) text += line(batch_size, lr);
  const Json answered = fit_json({write("runs.csv", text), "--to", "1024"});
  EXPECT_TRUE(answered.at("caution").is_null()) << answered["caution"];
  EXPECT_EQ(answered.at("predictions").size(), 1u);
  const auto octaves = [](const Json& group) {
    const Json& prediction = group["predictions"][0];
    return std::log2(prediction["lr_high"].get<double>() / prediction["lr_low"].get<double>());
  };
  EXPECT_LT(octaves(answered), octaves(unsure));
}

// What happened elsewhere differs: SGD's best learning rate rises more than AdamW's.
TEST_F(Fit, TakesHowTheBestOneMovesFromTheAtlasWhereOneBatchSizeWasRun) {
  const std::string runs = write("runs.csv", sweeps({64}));
  const auto lr = [&](const char* optimizer) {
    const Json group = fit_json({runs, "--to", "1024", "--optimizer", optimizer});
    EXPECT_THAT(group.at("caution").get<std::string>(), HasSubstr("what happened elsewhere"));
    return group.at("predictions")[0].at("lr").get<double>();
  };
  EXPECT_GT(lr("momentum"), lr("adamw"));
}

// Our own sweep of rmsprop, up to a batch size that leaves 128 steps, and whether what it finds at
// 32 steps is foretold: the best learning rate, 0.0028, has fallen there from 0.0040.
TEST_F(Fit, AllowsForTheFirstStepsOfRmspropWhereItKnowsHowManyThereAre) {
  std::istringstream rows(testing::read_text(ETALON_SOURCE_DIR "/bench/sweeps/rmsprop.csv"));
  std::string all, row;
  while (std::getline(rows, row)) {
    const bool is_header = all.empty();
    if (is_header ||
        std::regex_search(row, std::regex("^mlp:16,16384,rmsprop,(8|16|32|64|128),"))) {
      all += row + '\n';
    }
  }
  const std::string runs = write("runs.csv", all);
  const Json group = fit_json({runs, "--to", "512", "--group-by", "model,examples"});
  const double lr = group.at("predictions")[0].at("lr").get<double>();
  EXPECT_NEAR(std::log2(lr / 0.0028), 0.0, 0.5);
  EXPECT_THAT(fit({runs, "--to", "512", "--group-by", "model,examples"}).err,
              HasSubstr("rmsprop's first steps are longer than its later ones, since its mean of "
                        "squares (beta2 0.99) starts at 0; a run saw 16384 examples"));
}

TEST_F(Fit, LeavesAnIntervalOpenWhereNothingBoundsIt) {
  const std::string runs =
      write("runs.csv", "batch_size,lr,loss\n64,0.001,2\n64,0.002,1.9\n64,0.004,1.8\n");
  const Json group = fit_json({runs, "--to", "256"});
  EXPECT_TRUE(group.at("predictions")[0].at("lr_high").is_null());
  EXPECT_TRUE(group["predictions"][0].at("lr_low").is_number());
  EXPECT_THAT(fit({runs, "--to", "256"}).out, ContainsRegex(" 256 [^\n]* to \\? "));
  EXPECT_THAT(fit({runs, "--to", "256", "--format", "csv"}).out,
              ContainsRegex("\nprediction,256,[^,]+,[^,]+,,"));
}

TEST_F(Fit, RefusesOneLearningRateWithinTheAnswer) {
  const auto result = fit({write("runs.csv", "batch_size,lr,loss\n32,0.1,2\n64,0.1,2.1\n")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("not enough data"));
  EXPECT_THAT(unwrapped(result.out), HasSubstr("0.025, 0.05, 0.2, 0.4"));
}

TEST_F(Fit, NamesOnlyRunsThatAreNewAndBelowWhatDiverged) {
  const auto result =
      fit({write("runs.csv",
                 "batch_size,lr,loss\n64,0.1,nan\n64,0.025,nan\n64,0.0125,2.5\n64,0.00625,2.4\n")});
  EXPECT_THAT(unwrapped(result.out),
              HasSubstr("run batch size 64 at learning rates 9.77e-05, 0.000391, "
                        "0.00156, 0.00313; run batch size 256 at"));
}

TEST_F(Fit, AnswersAThousandBatchSizesAtOnce) {
  std::string sizes = "64";
  for (int size = 65; size < 1064; ++size) sizes.append(1, ',').append(std::to_string(size));
  const Json group = fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", sizes});
  EXPECT_EQ(group.at("predictions").size(), 1000u);
}

}  // namespace
}  // namespace etalon
