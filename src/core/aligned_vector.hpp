// A vector of floats that starts on a cache line, as vector instructions and oneDNN like it.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace etalon {

template <typename T>
struct CacheLineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};

  CacheLineAllocator() = default;
  template <typename U>
  CacheLineAllocator(const CacheLineAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* pointer, std::size_t) noexcept { ::operator delete(pointer, kAlignment); }

  friend bool operator==(const CacheLineAllocator&, const CacheLineAllocator&) { return true; }
};

using AlignedVector = std::vector<float, CacheLineAllocator<float>>;

}  // namespace etalon
