#include "core/interrupt.hpp"

#include <array>
#include <csignal>
#include <cstddef>

namespace etalon {
namespace {

StopFlag flag;

void on_signal(int) { flag.request(); }

// The handler gets a stack of its own: it may interrupt a compiled kernel of oneDNN that uses the
// stack pointer for something else, and the signal's frame would then land in the heap.
void install_stack() {
  static std::array<std::byte, 1 << 16> bytes;
  stack_t stack = {};
  stack.ss_sp = bytes.data();
  stack.ss_size = bytes.size();
  sigaltstack(&stack, nullptr);
}

void install() {
  install_stack();
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags =
      static_cast<int>(SA_RESETHAND | SA_RESTART | SA_ONSTACK);  // the second one ends the program
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

const StopFlag& interrupt_flag() {
  static const bool installed = (install(), true);
  static_cast<void>(installed);
  return flag;
}

}  // namespace etalon
