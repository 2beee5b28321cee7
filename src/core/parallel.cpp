#include "core/parallel.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace etalon {
namespace {

// Hands indices out to workers and finished ones back to the caller.
class Exchange {
 public:
  Exchange(std::size_t count, std::size_t workers) : count_(count), workers_(workers) {}

  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    if (error_ || next_ == count_) return std::nullopt;
    return next_++;
  }

  void give_back(std::size_t index) {
    const std::lock_guard lock(mutex_);
    finished_.push_back(index);
    changed_.notify_one();
  }

  void fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  void worker_leaves() {
    const std::lock_guard lock(mutex_);
    --workers_;
    changed_.notify_one();
  }

  // The next finished index, waiting for it; empty once all workers have left.
  std::optional<std::size_t> next_finished() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !finished_.empty() || workers_ == 0; });
    if (finished_.empty()) return std::nullopt;
    const std::size_t index = finished_.front();
    finished_.pop_front();
    return index;
  }

  void rethrow() {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(error_);
  }

 private:
  const std::size_t count_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::size_t next_ = 0;
  std::size_t workers_;
  std::deque<std::size_t> finished_;
  std::exception_ptr error_;
};

// Leaves SIGINT and SIGTERM to the calling thread: compiled kernels of oneDNN, which run here, do
// not leave room for a handler's frame on their stack.
void leave_signals_to_the_caller() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void work_until_done(Exchange& exchange, const std::function<void(std::size_t)>& work) {
  leave_signals_to_the_caller();
  while (const auto index = exchange.take()) {
    try {
      work(*index);
      exchange.give_back(*index);
    } catch (...) {
      exchange.fail(std::current_exception());
    }
  }
  exchange.worker_leaves();
}

}  // namespace

std::size_t processor_count() { return std::max(1u, std::thread::hardware_concurrency()); }

void parallel_for(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work,
                  const std::function<void(std::size_t)>& done) {
  const std::size_t workers = std::min(count, std::max<std::size_t>(threads, 1));
  Exchange exchange(count, workers);
  bool handling = true;
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 0; i < workers; ++i) {
      pool.emplace_back([&] { work_until_done(exchange, work); });
    }
    while (const auto index = exchange.next_finished()) {
      if (!handling) continue;
      try {
        done(*index);
      } catch (...) {
        handling = false;
        exchange.fail(std::current_exception());
      }
    }
  }
  exchange.rethrow();
}

}  // namespace etalon
