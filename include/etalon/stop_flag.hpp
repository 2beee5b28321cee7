// A request to stop, from whoever may make it to whoever runs something long. Lock-free: a signal
// handler may call `request`, and any thread may ask.
#pragma once

#include <atomic>

namespace etalon {

class StopFlag {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace etalon
