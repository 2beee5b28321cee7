// Threads that work for another one.
#pragma once

#include <cstddef>
#include <functional>
#include <thread>

namespace etalon {

// One per processor, at least 1.
std::size_t processor_count();

// A thread that runs `work`. SIGINT and SIGTERM are left to the other threads: compiled kernels of
// oneDNN, which run in such threads, leave no room for a handler's frame on their stack. Throws
// std::system_error where the system has no thread to give.
std::jthread start_worker(std::function<void()> work);

}  // namespace etalon
