// Random changes of training images: crop and flip, as they are standard for small images.
//
//   crop  the image, with 4 black pixels around it, is cut to its size at a random place: 9 x 9
//   alike flip  left and right change places, in one of two
//
// What example number n of a training gets (in the order in which it sees them, from 0 on) depends
// on the seed and n alone: it is drawn from block n of `RandomStream(seed, "augment")`, the crop's
// rows, its columns, then the flip, whichever of them are asked for. So trainings with different
// batch sizes see the same images, and one that goes on from a checkpoint sees those that it would
// have seen.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.hpp"

namespace etalon {

struct Augmentation {
  bool crop = false, flip = false;
  bool any() const { return crop || flip; }
  std::string text() const;  // "crop,flip", as `parse_augmentation` reads it
  // Throws InputError where examples are no images of bytes.
  void check_fits(const DataSplits& data) const;
};

// Throws InputError for a word that is neither crop nor flip, and for one that is there twice.
Augmentation parse_augmentation(const std::string& text);

// Gathers examples as `gather` does, changed. Black is the pixel 0, before normalization. One
// thread at a time.
class Augmenter {
 public:
  explicit Augmenter(const Augmentation& augmentation) : augmentation_(augmentation) {}

  // `first` is the number of the first of them in the training of that seed.
  void gather(const Dataset& dataset, const Normalization& normalization, std::uint64_t seed,
              std::uint64_t first, std::span<const std::uint32_t> indices, std::span<float> src,
              std::span<std::int32_t> labels);

 private:
  const Augmentation augmentation_;
  std::vector<std::uint8_t> row_;
};

}  // namespace etalon
