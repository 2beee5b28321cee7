#include "core/interrupt.hpp"

#include <csignal>

namespace etalon {
namespace {

StopFlag flag;

void on_signal(int) { flag.request(); }

void install() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second one ends the program
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
