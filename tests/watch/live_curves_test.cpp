// What trials under way leave on disk, and what is read of it.
#include "watch/live_curves.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <limits>

#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "watch/live_reader.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

TrialRecord record_of(std::int64_t id) {
  TrialRecord record;
  record.id = id;
  record.round = 2;
  record.stage = Stage::rules;
  record.spec = {64, 0.25, 18446744073709551615u, {}};
  record.spec.moved.beta2 = 0.5;
  record.result.message = "<b>told</b> \"why\"\n";
  return record;
}

CurvePoint point_at(std::int64_t step) {
  CurvePoint point;
  point.step = step;
  point.examples = 64 * step;
  point.epoch = 0.5;
  point.train_loss = 0.1;
  return point;
}

// A study that is watched, with a clock that is set.
class LiveCurvesTest : public ::testing::Test {
 protected:
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    if (!fs::exists(live_directory(directory_.path()))) return all;
    for (const auto& entry : fs::directory_iterator(live_directory(directory_.path()))) {
      all.push_back(entry.path());
    }
    return all;
  }

  double now_ = 100.0;
  const testing::TemporaryDirectory directory_;
  StudyObserver nobody_;
  std::optional<LiveCurves> live_{std::in_place, directory_.path(), nobody_,
                                  [this] { return now_; }};
  LiveReader reader_{directory_.path()};
};

TEST_F(LiveCurvesTest, ComeBackAsTheyWereSaid) {
  live_->on_start(record_of(7));
  now_ += 2.5;
  live_->on_point(record_of(7), point_at(10));
  ASSERT_TRUE(reader_.read());
  ASSERT_EQ(reader_.trials().size(), 1u);
  const LiveTrial& trial = *reader_.trials().front();
  EXPECT_EQ(trial.record.id, 7);
  EXPECT_EQ(trial.record.round, 2);
  EXPECT_EQ(trial.record.stage, Stage::rules);
  EXPECT_EQ(trial.record.spec, record_of(7).spec);
  EXPECT_EQ(trial.record.result.message, record_of(7).result.message);
  ASSERT_EQ(trial.points.size(), 1u);
  EXPECT_EQ(trial.points[0].point, point_at(10));
  EXPECT_DOUBLE_EQ(trial.points[0].seconds, 2.5);
}

TEST_F(LiveCurvesTest, AreReadOnAsTheyGrowAndAreGoneWithTheirTrial) {
  live_->on_start(record_of(1));
  EXPECT_TRUE(reader_.read());
  EXPECT_FALSE(reader_.read()) << "nothing was said since";
  for (std::int64_t step = 1; step <= 3; ++step) {
    now_ += 1.0;
    live_->on_point(record_of(1), point_at(step));
  }
  EXPECT_TRUE(reader_.read());
  EXPECT_EQ(reader_.trials().front()->points.size(), 3u);
  live_->on_trial(record_of(1));
  EXPECT_TRUE(reader_.read());
  EXPECT_TRUE(reader_.trials().empty());
}

// 10 seconds at a point every millisecond: four a second are written.
TEST_F(LiveCurvesTest, AreWrittenFourTimesASecondAtMost) {
  live_->on_start(record_of(1));
  for (int i = 1; i <= 10'000; ++i) {
    now_ = 100.0 + i * 1e-3;
    live_->on_point(record_of(1), point_at(i));
  }
  reader_.read();
  EXPECT_GE(reader_.trials().front()->points.size(), 39u);
  EXPECT_LE(reader_.trials().front()->points.size(), 42u);
}

TEST_F(LiveCurvesTest, OfAWeekHaveSomeThousandLines) {
  live_->on_start(record_of(1));
  constexpr int kSecondsOfAWeek = 7 * 86'400;
  for (int i = 1; i <= kSecondsOfAWeek; ++i) {
    now_ = 100.0 + i;
    live_->on_point(record_of(1), point_at(i));
  }
  reader_.read();
  EXPECT_LT(reader_.trials().front()->points.size(), 10'000u);
  EXPECT_GT(reader_.trials().front()->points.size(), 1'000u);
}

TEST_F(LiveCurvesTest, AreNotWrittenOfTrialsThatAreOverAtOnce) {
  const auto run = [&](std::int64_t id) {
    live_->on_start(record_of(id));
    const bool is_written = !files().empty();
    now_ += 0.01;
    live_->on_trial(record_of(id));
    return is_written;
  };
  EXPECT_TRUE(run(1)) << "how long trials take is not known yet";
  EXPECT_FALSE(run(2));
  live_->on_start(record_of(3));
  now_ += 5.0;
  live_->on_point(record_of(3), point_at(1));
  EXPECT_EQ(files().size(), 1u) << "this one takes its time";
}

TEST_F(LiveCurvesTest, OfTheLastAttemptCount) {
  live_->on_start(record_of(4));
  now_ += 1.0;
  live_->on_point(record_of(4), point_at(1));
  live_->on_retry(record_of(4));
  live_->on_start(record_of(4));
  reader_.read();
  ASSERT_EQ(reader_.trials().size(), 1u);
  EXPECT_TRUE(reader_.trials().front()->points.empty());
}

TEST_F(LiveCurvesTest, LeaveNothingBehindWhenTheStudyEnds) {
  live_->on_start(record_of(1));
  live_.reset();
  EXPECT_FALSE(fs::exists(live_directory(directory_.path())));
}

// A whole line or none: what a process that is killed leaves is read as far as it goes.
TEST_F(LiveCurvesTest, OfAKilledProcessAreReadAndGoWhenTheNextBegins) {
  {
    testing::ChildProcess killed([&](const auto& say) {
      double clock = 0.0;
      StudyObserver nobody;
      LiveCurves live(directory_.path(), nobody, [&] { return clock; });
      live.on_start(record_of(9));
      clock += 1.0;
      live.on_point(record_of(9), point_at(5));
      say("written");
      pause();
    });
    ASSERT_EQ(killed.listen(), "written");
  }
  ASSERT_EQ(files().size(), 1u);
  std::ofstream(files().front(), std::ios::app) << "[6,384,0.5,0.1,";  // the disk was slow
  reader_.read();
  ASSERT_EQ(reader_.trials().size(), 1u);
  EXPECT_EQ(reader_.trials().front()->points.size(), 1u);
  live_.emplace(directory_.path(), nobody_);
  EXPECT_TRUE(files().empty());
}

TEST_F(LiveCurvesTest, PassOverFilesThatAreNone) {
  fs::create_directory(live_directory(directory_.path()));
  const auto put = [&](const char* name, const std::string& text) {
    std::ofstream(live_directory(directory_.path()) / name) << text;
  };
  put("1-1.jsonl", "{\"trial\":1}\n[1,2]\n");
  put("2-1.jsonl", "not json\n");
  put("3-1.jsonl",
      "{\"trial\":3,\"round\":1,\"stage\":\"base\",\"batch_size\":0,\"lr\":0.1,\"seed\":1,"
      "\"moved\":{},\"attempt\":1,\"started\":0,\"reason\":\"\"}\n");
  put("4-1.jsonl", "\n\n\n");
  put("notes.txt", live_head(record_of(5), 0.0));
  fs::create_directory(live_directory(directory_.path()) / "6-1.jsonl");
  reader_.read();
  EXPECT_TRUE(reader_.trials().empty());
}

TEST(LiveFile, WritesWhatIsNoNumberAsMissing) {
  CurvePoint point = point_at(1);
  point.validation_loss = std::numeric_limits<double>::infinity();
  EXPECT_EQ(live_line({point, 0.5}), "[1,64,0.5,0.1,null,null,0.5]\n");
  EXPECT_FALSE(parse_live_line("[1,64]"));
  EXPECT_FALSE(parse_live_line("[1,64,0.5,\"x\",null,null,0.5]"));
}

// A study goes on where nothing can be written for its onlookers.
TEST_F(LiveCurvesTest, AreDoneWithoutWhereTheyCannotBeWritten) {
  std::ofstream(live_directory(directory_.path())) << "a file in the place of the directory";
  live_->on_start(record_of(1));
  now_ += 1.0;
  live_->on_point(record_of(1), point_at(1));
  live_->on_trial(record_of(1));
  EXPECT_FALSE(reader_.read());
}

}  // namespace
}  // namespace etalon
