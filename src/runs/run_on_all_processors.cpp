#include "runs/run_on_all_processors.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "core/threads.hpp"

namespace etalon {
namespace {

// Below which a thread takes longer to start than it saves.
constexpr std::size_t kLeastWorth = 8;

class SharedWork {
 public:
  SharedWork(std::size_t count, const std::function<void(std::size_t)>& work)
      : count_(count), work_(work) {}

  void help() {
    try {
      for (std::size_t i = next_++; i < count_; i = next_++) work_(i);
    } catch (...) {
      next_ = count_;
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  // Once all that help have stopped.
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  const std::size_t count_;
  const std::function<void(std::size_t)>& work_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_on_all_processors(std::size_t count, const std::function<void(std::size_t)>& work) {
  SharedWork shared(count, work);
  {
    std::vector<std::jthread> helpers;
    const std::size_t threads = std::min(processor_count(), count / kLeastWorth);
    try {
      while (helpers.size() + 1 < threads) {
        helpers.push_back(start_worker([&shared] { shared.help(); }));
      }
    } catch (const std::system_error&) {
      // Those that there are do it all.
    }
    shared.help();
  }
  shared.rethrow();
}

}  // namespace etalon
