// The order in which a training sees its examples.
//
// A sampler is an endless stream of indices: a fresh random permutation of the data set per epoch,
// one after the other. `next` cuts off as many as it is asked for, across the end of an epoch if
// need be, so every batch is full. The stream depends on size and seed only, so trainings with
// different batch sizes see the same examples in the same order. A value for one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/random.hpp"

namespace etalon {

class Sampler {
 public:
  // `size` examples, >= 1. The order is drawn from `RandomStream(seed, "order")`.
  Sampler(std::uint32_t size, std::uint64_t seed);

  // Fills `indices` with the next ones. Does not allocate.
  void next(std::span<std::uint32_t> indices);

 private:
  void shuffle();

  RandomStream stream_;
  std::vector<std::uint32_t> order_;  // this epoch's permutation
  std::size_t used_;                  // how many of them have been given out
};

}  // namespace etalon
