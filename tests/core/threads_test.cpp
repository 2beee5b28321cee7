#include "core/threads.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>

namespace etalon {
namespace {

TEST(Threads, AreAtLeastOne) { EXPECT_GE(processor_count(), 1u); }

TEST(StartWorker, LeavesInterruptionsToTheOtherThreads) {
  sigset_t blocked;
  sigemptyset(&blocked);
  start_worker([&] { pthread_sigmask(SIG_BLOCK, nullptr, &blocked); }).join();
  EXPECT_EQ(sigismember(&blocked, SIGINT), 1);
  EXPECT_EQ(sigismember(&blocked, SIGTERM), 1);
  EXPECT_EQ(sigismember(&blocked, SIGSEGV), 0);
}

}  // namespace
}  // namespace etalon
