#include "data/sampler.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace etalon {

Sampler::Sampler(std::uint32_t size, std::uint64_t seed)
    : stream_(seed, "order"), order_(size), used_(size) {
  assert(size >= 1);
  std::iota(order_.begin(), order_.end(), 0u);
}

void Sampler::next(std::span<std::uint32_t> indices) {
  while (!indices.empty()) {
    if (used_ == order_.size()) shuffle();
    const std::size_t count = std::min(indices.size(), order_.size() - used_);
    std::copy_n(order_.begin() + static_cast<std::ptrdiff_t>(used_), count, indices.begin());
    used_ += count;
    indices = indices.subspan(count);
  }
}

// Fisher and Yates, from whatever order the last epoch left: the result is uniform from any start.
void Sampler::shuffle() {
  for (auto i = static_cast<std::uint32_t>(order_.size()); i > 1; --i) {
    std::swap(order_[i - 1], order_[stream_.below(i)]);
  }
  used_ = 0;
}

}  // namespace etalon
