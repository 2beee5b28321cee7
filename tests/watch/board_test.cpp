#include "watch/board.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/synthetic_study.hpp"
#include "watch/watched_frames.hpp"

namespace etalon {
namespace {

using Json = nlohmann::json;
using testing::frame_of;

TEST(Board, SaysAllOfAStudyToWhoeverHasNothing) {
  const StudyResult result = testing::synthetic_study();
  const Json said = Json::parse(changes_since(*frame_of(result, 3), 0));
  EXPECT_EQ(said.at("version"), 3);
  EXPECT_EQ(said.at("trials").size(), result.trials.size());
  EXPECT_EQ(said.at("summary").at("trials"), result.trials.size());
  EXPECT_TRUE(said.at("live").at("is_complete"));
}

TEST(Board, SaysAfterwardsOnlyWhatChanged) {
  const auto frame = frame_of(testing::synthetic_study(), 3);
  auto trials = std::make_shared<Pieces>(*frame->trials);
  trials->begin()->second.version = 4;
  frame->trials = trials;
  frame->version = 4;
  const Json said = Json::parse(changes_since(*frame, 3));
  EXPECT_EQ(said.at("trials").size(), 1u);
  EXPECT_FALSE(said.contains("summary"));
  EXPECT_TRUE(said.contains("live"));
}

TEST(Board, WakesWhoeverWaitsForSomethingNewer) {
  Board board;
  EXPECT_EQ(board.wait_newer(0, std::chrono::milliseconds(1)), nullptr);
  std::jthread later([&] { board.put(frame_of(testing::synthetic_study(), 1)); });
  const auto frame = board.wait_newer(0, std::chrono::seconds(60));
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(board.wait_newer(frame->version, std::chrono::milliseconds(1)), nullptr);
}

TEST(Board, LetsNobodyWaitOnceItIsClosed) {
  Board board;
  std::jthread later([&] { board.close(); });
  EXPECT_EQ(board.wait_newer(0, std::chrono::seconds(60)), nullptr);
  EXPECT_TRUE(board.is_closed());
}

}  // namespace
}  // namespace etalon
