// Work side by side on threads, with results handled on the calling thread.
#pragma once

#include <cstddef>
#include <functional>

namespace etalon {

// One per processor, at least 1.
std::size_t processor_count();

// Calls `work(i)` for every i in [0, count), in that order of starting, on `threads` >= 1 threads,
// and `done(i)` on the calling thread after each, in order of finishing. Returns once all are done.
// If `work` or `done` throws, no further index is started; those running end, and the first
// exception is rethrown. `work` runs concurrently with itself and with `done`.
void parallel_for(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work,
                  const std::function<void(std::size_t)>& done);

}  // namespace etalon
