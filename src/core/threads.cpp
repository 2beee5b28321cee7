#include "core/threads.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace etalon {
namespace {

void leave_signals_to_others() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

std::size_t processor_count() { return std::max(1u, std::thread::hardware_concurrency()); }

std::jthread start_worker(std::function<void()> work) {
  return std::jthread([work = std::move(work)] {
    leave_signals_to_others();
    work();
  });
}

}  // namespace etalon
