#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

#include "etalon/report.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using Table = std::vector<std::vector<std::string>>;

// RFC 4180 read back, written from the standard's grammar.
Table parse(const std::string& text) {
  Table table(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& field = table.back().back();
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      table.back().emplace_back();
    } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
      table.push_back({""});
    } else {
      field += c;
    }
  }
  table.pop_back();
  return table;
}

Table written_by(const Reporter& reporter, const StudyResult& result) {
  std::ostringstream out;
  reporter.report(result, Provenance{}, out);
  return parse(out.str());
}

TEST(TrialsCsv, HasALineForEveryTrialWithAsManyFieldsAsTheHeader) {
  const StudyResult result = testing::synthetic_study();
  const Table table = written_by(TrialsCsvReporter(), result);
  ASSERT_EQ(table.size(), result.trials.size() + 1);
  for (const auto& line : table) EXPECT_EQ(line.size(), table.front().size());
}

TEST(TrialsCsv, HasTheTrainingLossAtTheEndOfATrial) {
  const StudyResult result = testing::synthetic_study();
  const Table table = written_by(TrialsCsvReporter(), result);
  ASSERT_EQ(table[0][13], "train_loss");
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    const auto& loss = result.trials[i].result.train_loss;
    EXPECT_EQ(table[i + 1][13], loss ? fmt::format("{}", *loss) : "");
  }
}

TEST(TrialsCsv, GivesLearningRatesThatReadBackAsTheSameDouble) {
  const StudyResult result = testing::synthetic_study();
  const Table table = written_by(TrialsCsvReporter(), result);
  ASSERT_EQ(table[0][4], "lr");
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    EXPECT_EQ(std::stod(table[i + 1][4]), result.trials[i].spec.lr);
  }
}

TEST(TrialsCsv, QuotesCommasQuotesAndLineBreaks) {
  StudyResult result;
  result.trials.emplace_back();
  result.trials[0].result.message = "exit 1, said \"no\"\r\nand stopped";
  EXPECT_EQ(written_by(TrialsCsvReporter(), result)[1][12], result.trials[0].result.message);
}

TEST(TrialsCsv, LeavesTheLossOfADivergedTrialEmpty) {
  StudyResult result;
  result.trials.emplace_back();
  result.trials[0].result.state = TrialState::diverged;
  result.trials[0].result.diverged_step = 12;
  const Table table = written_by(TrialsCsvReporter(), result);
  EXPECT_EQ(table[1][6], "diverged");
  EXPECT_EQ(table[1][7], "");
  EXPECT_EQ(table[1][9], "12");
}

TEST(TrialsCsv, EndsWithWhatATrialMovesBesidesTheLearningRate) {
  StudyResult result;
  result.trials.resize(2);
  result.trials[1].spec.moved = {.beta1 = 0.6, .eps = 5e-9};
  const Table table = written_by(TrialsCsvReporter(), result);
  const std::vector<std::string> head(table[0].end() - 6, table[0].end());
  EXPECT_THAT(head,
              ::testing::ElementsAre("momentum", "beta1", "beta2", "eps", "weight_decay", "ema"));
  EXPECT_THAT(std::vector(table[1].end() - 6, table[1].end()), ::testing::Each(""));
  EXPECT_THAT(std::vector(table[2].end() - 6, table[2].end()),
              ::testing::ElementsAre("", "0.6", "", "5e-09", "", ""));
}

TEST(CurvesCsv, HasALineForEveryPoint) {
  const StudyResult result = testing::synthetic_study();
  std::size_t points = 0;
  for (const TrialRecord& trial : result.trials) points += trial.result.curve.size();
  EXPECT_EQ(written_by(CurvesCsvReporter(), result).size(), points + 1);
}

}  // namespace
}  // namespace etalon
