// Values that never change, held in memory or mapped from a file. Copies are cheap and share them;
// any number of threads may read.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace etalon {

template <typename T>
class SharedArray {
 public:
  SharedArray() = default;
  explicit SharedArray(std::vector<T> values)
      : SharedArray(std::make_shared<const std::vector<T>>(std::move(values))) {}
  // `owner` keeps the memory of `values` alive.
  SharedArray(std::shared_ptr<const void> owner, std::span<const T> values)
      : owner_(std::move(owner)), values_(values) {}

  std::span<const T> values() const { return values_; }
  const T* data() const { return values_.data(); }
  std::size_t size() const { return values_.size(); }
  bool empty() const { return values_.empty(); }
  const T& operator[](std::size_t i) const { return values_[i]; }

 private:
  explicit SharedArray(const std::shared_ptr<const std::vector<T>>& values)
      : owner_(values), values_(*values) {}

  std::shared_ptr<const void> owner_;
  std::span<const T> values_;
};

}  // namespace etalon
