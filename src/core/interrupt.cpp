#include "core/interrupt.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>

namespace etalon {
namespace {

StopFlag stop_flag;
std::atomic<std::int64_t> first_signal_at{0};  // nanoseconds; 0: none yet

// `timeout` sends its signal to the program and to its group: that is one wish, not two.
constexpr std::int64_t kOneWish = 1'000'000'000;  // nanoseconds

std::int64_t monotonic_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec + 1;
}

// Calls only what a signal handler may.
void on_stop_signal(int signal) {
  const std::int64_t now = monotonic_nanoseconds();
  std::int64_t first = 0;
  if (first_signal_at.compare_exchange_strong(first, now)) {
    stop_flag.request();
  } else if (now - first > kOneWish) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

// The handler gets a stack of its own: it may interrupt a compiled kernel of oneDNN that uses the
// stack pointer for something else, and the signal's frame would then land in the heap.
void install_stack() {
  static std::array<std::byte, 1 << 16> bytes;
  stack_t stack = {};
  stack.ss_sp = bytes.data();
  stack.ss_size = bytes.size();
  sigaltstack(&stack, nullptr);
}

void install_handlers() {
  install_stack();
  struct sigaction action = {};
  action.sa_handler = on_stop_signal;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_ONSTACK);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

const StopFlag& interrupt_flag() {
  static const bool installed = (install_handlers(), true);
  static_cast<void>(installed);
  return stop_flag;
}

}  // namespace etalon
