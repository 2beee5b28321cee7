#include "core/interrupt.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace etalon {
namespace {

constexpr int kStopsByItself = 42;

// `timeout` sends its signal to the program and to its process group.
TEST(InterruptDeathTest, TwoSignalsAtOnceAreOneWish) {
  EXPECT_EXIT(
      {
        const StopFlag& stop = interrupt_flag();
        raise(SIGTERM);
        raise(SIGTERM);
        raise(SIGINT);
        _exit(stop.requested() ? kStopsByItself : 1);
      },
      ::testing::ExitedWithCode(kStopsByItself), "");
}

TEST(InterruptDeathTest, ASignalMoreThanASecondAfterTheFirstEndsTheProgram) {
  EXPECT_EXIT(
      {
        interrupt_flag();
        raise(SIGINT);
        std::this_thread::sleep_for(std::chrono::milliseconds(1100));
        raise(SIGINT);
        _exit(kStopsByItself);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace etalon
