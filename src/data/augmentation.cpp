#include "data/augmentation.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cstddef>
#include <string_view>

#include "core/choice.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "data/normalize_row.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kPadding = 4;

// Where a changed image comes from: its pixel (y, x) is (y + down, x + right) of the original, or
// of its mirror image.
struct Change {
  std::int64_t down = 0, right = 0;
  bool flipped = false;
};

Change draw_change(const Augmentation& augmentation, RandomStream& stream) {
  constexpr std::uint32_t kPlaces = 2 * kPadding + 1;
  const auto down = static_cast<std::int64_t>(stream.below(kPlaces)) - kPadding;
  const auto right = static_cast<std::int64_t>(stream.below(kPlaces)) - kPadding;
  const bool flipped = stream.below(2) == 1;
  return {augmentation.crop ? down : 0, augmentation.crop ? right : 0,
          augmentation.flip && flipped};
}

// One line of the changed image, of one line of the original.
void change_line(const std::uint8_t* from, std::int64_t width, const Change& change,
                 std::uint8_t* to) {
  for (std::int64_t x = 0; x < width; ++x) {
    const std::int64_t place = (change.flipped ? width - 1 - x : x) + change.right;
    to[x] = place < 0 || place >= width ? std::uint8_t{0} : from[place];
  }
}

void change_image(const std::uint8_t* image, const ExampleShape& shape, const Change& change,
                  std::uint8_t* to) {
  for (std::int64_t c = 0; c < shape.channels; ++c) {
    for (std::int64_t y = 0; y < shape.height; ++y, to += shape.width) {
      const std::int64_t line = y + change.down;
      if (line < 0 || line >= shape.height) {
        std::fill_n(to, shape.width, std::uint8_t{0});
      } else {
        change_line(image + (c * shape.height + line) * shape.width, shape.width, change, to);
      }
    }
  }
}

void take_word(const std::string& word, Augmentation& augmentation) {
  const std::string place = field_name("augment");
  if (word != "crop" && word != "flip") {
    throw InputError(fmt::format("there is no change '{}'", shortened(word)), place,
                     choose_instead(word, std::vector<std::string>{"crop", "flip"}));
  }
  bool& asked = word == "crop" ? augmentation.crop : augmentation.flip;
  if (asked) throw InputError(fmt::format("'{}' is there twice", word), place, "give it once");
  asked = true;
}

}  // namespace

std::string Augmentation::text() const {
  if (crop && flip) return "crop,flip";
  return crop ? "crop" : flip ? "flip" : "";
}

void Augmentation::check_fits(const DataSplits& data) const {
  const Examples& examples = *data.train.examples;
  const bool are_images =
      !examples.shape.is_text() && !examples.bytes.empty() && examples.shape.height > 1;
  if (are_images || !any()) return;
  throw InputError(fmt::format("{} is {}", field_name("augment"), text()), data.source,
                   "these are no images of bytes: leave it out");
}

Augmentation parse_augmentation(const std::string& text) {
  Augmentation augmentation;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    take_word(text.substr(start, comma - start), augmentation);
    start = comma + 1;
  }
  return augmentation;
}

void Augmenter::gather(const Dataset& dataset, const Normalization& normalization,
                       std::uint64_t seed, std::uint64_t first,
                       std::span<const std::uint32_t> indices, std::span<float> src,
                       std::span<std::int32_t> labels) {
  const std::size_t size = dataset.features();
  assert(src.size() == indices.size() * size);
  row_.resize(size);
  RandomStream stream(seed, "augment");
  for (std::size_t n = 0; n < indices.size(); ++n) {
    stream.go_to_block(first + n);
    const std::uint8_t* image = dataset.examples->bytes.data() + dataset.rows[indices[n]] * size;
    change_image(image, dataset.shape(), draw_change(augmentation_, stream), row_.data());
    normalize_row(row_.data(), size, normalization, src.data() + n * size);
    labels[n] = dataset.label(indices[n]);
  }
}

}  // namespace etalon
