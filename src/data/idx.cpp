#include "data/idx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

#include "data/file_bytes.hpp"
#include "data/mapped_file.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
constexpr std::uint64_t kChunk = std::uint64_t{1} << 20;

std::uint32_t big_endian(const std::array<std::uint8_t, 4>& bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

// Reads the first four bytes and returns the number of dimensions.
int read_magic(FileBytes& source, int min_dimensions, int max_dimensions) {
  std::array<std::uint8_t, 4> magic{};
  const std::size_t got = source.read(magic.data(), magic.size());
  if (got == 0) source.fail("the file is empty", kFetchAgain);
  if (got < magic.size() || magic[0] != 0 || magic[1] != 0) {
    source.fail("this is not an IDX file: it does not start with 0, 0", "check its name");
  }
  if (magic[2] != kUnsignedByte) {
    source.fail(
        fmt::format("the file holds values of type 0x{:02x}, not unsigned bytes (0x08)", magic[2]),
        "convert them to bytes");
  }
  const int dimensions = magic[3];
  if (dimensions < min_dimensions || dimensions > max_dimensions) {
    source.fail(fmt::format("the file has {} dimensions, expected {} to {}", dimensions,
                            min_dimensions, max_dimensions),
                "check that images and labels are not exchanged");
  }
  return dimensions;
}

// Reads the sizes and returns their product.
std::uint64_t read_shape(FileBytes& source, int dimensions, std::vector<std::uint32_t>& shape) {
  std::uint64_t product = 1;
  for (int d = 0; d < dimensions; ++d) {
    std::array<std::uint8_t, 4> bytes{};
    source.read_all(bytes.data(), bytes.size(), "its header");
    shape.push_back(big_endian(bytes));
    if (shape.back() == 0) {
      source.fail(fmt::format("dimension {} has size 0", d + 1), kFetchAgain);
    }
    if (__builtin_mul_overflow(product, std::uint64_t{shape.back()}, &product)) {
      source.fail("the header claims more than 2^64 bytes", kFetchAgain);
    }
  }
  return product;
}

// A file whose header is read and whose values are still to come.
class OpenIdx {
 public:
  OpenIdx(const fs::path& path, int min_dimensions, int max_dimensions)
      : path_(path), source_(path) {
    const int dimensions = read_magic(source_, min_dimensions, max_dimensions);
    count_ = read_shape(source_, dimensions, shape_);
  }

  const std::vector<std::uint32_t>& shape() const { return shape_; }

  // The rest of the file, which must be just the values.
  std::vector<std::uint8_t> read_values() {
    std::vector<std::uint8_t> values;
    const std::uint64_t header = source_.offset();
    while (values.size() < count_) {
      const std::uint64_t done = values.size();
      // One byte more than the last ones: only then does zlib look for the checksum behind them.
      const std::uint64_t rest = count_ + 1 - done;
      const std::uint64_t chunk = rest <= kChunk + 1 ? rest : kChunk;
      // Room for what has arrived and as much again, but never for more than is to come.
      if (done + chunk > values.capacity()) values.reserve(std::min(count_ + 1, 2 * done + chunk));
      values.resize(done + chunk);
      const std::uint64_t got = done + source_.read(values.data() + done, chunk);
      if (got < std::min(count_, done + chunk)) refuse_truncated(source_.offset() - header);
      values.resize(got);
    }
    if (values.size() > count_) refuse_more();
    return values;
  }

  // The same; mapped where the file is plain.
  SharedArray<std::uint8_t> map_values() {
    if (source_.is_compressed()) return SharedArray(read_values());
    const SharedArray<std::uint8_t> bytes = map_file(path_);
    const std::uint64_t header = std::min<std::uint64_t>(source_.offset(), bytes.size());
    const std::uint64_t there = bytes.size() - header;
    if (there < count_) refuse_truncated(there);
    if (there > count_) refuse_more();
    return {std::make_shared<SharedArray<std::uint8_t>>(bytes), bytes.values().subspan(header)};
  }

 private:
  [[noreturn]] void refuse_truncated(std::uint64_t there) const {
    source_.fail(fmt::format("the file is truncated: its header claims {} bytes of values, there "
                             "are {}",
                             count_, there),
                 kFetchAgain);
  }

  [[noreturn]] void refuse_more() const {
    source_.fail(
        fmt::format("the file goes on after the {} bytes of values that its header claims", count_),
        kFetchAgain);
  }

  const fs::path path_;
  FileBytes source_;
  std::vector<std::uint32_t> shape_;
  std::uint64_t count_ = 0;
};

// N, C, H, W of images, from the file's two to four dimensions.
std::array<std::uint32_t, 3> image_shape(const std::vector<std::uint32_t>& shape,
                                         const fs::path& images) {
  std::array<std::uint32_t, 3> chw = {1, 1, 1};
  std::copy(shape.begin() + 1, shape.end(),
            chw.end() - static_cast<std::ptrdiff_t>(shape.size()) + 1);
  std::uint64_t features = 1;
  for (const std::uint32_t size : chw) {
    if (!__builtin_mul_overflow(features, std::uint64_t{size}, &features)) continue;
    features = std::numeric_limits<std::uint64_t>::max();
  }
  if (features > std::uint64_t{std::numeric_limits<int>::max()}) {
    refuse_at_byte(fmt::format("an image has {} values, the limit is 2^31 - 1", features), images,
                   8, "use smaller images");
  }
  return chw;
}

}  // namespace

IdxArray read_idx(const fs::path& path, int min_dimensions, int max_dimensions) {
  OpenIdx file(path, min_dimensions, max_dimensions);
  return {file.shape(), file.read_values()};
}

// The headers before the values: what does not fit together is refused before it is unpacked.
Examples read_idx_examples(const fs::path& images, const fs::path& labels) {
  OpenIdx label_file(labels, 1, 1);
  OpenIdx image_file(images, 2, 4);
  if (image_file.shape()[0] != label_file.shape()[0]) {
    refuse_at_byte(fmt::format("there are {} labels for the {} images in {}", label_file.shape()[0],
                               image_file.shape()[0], images.string()),
                   labels, 4, "use files that belong together");
  }
  const std::array<std::uint32_t, 3> chw = image_shape(image_file.shape(), images);
  Examples examples;
  examples.shape = {.channels = chw[0], .height = chw[1], .width = chw[2]};
  const std::vector<std::uint8_t> bytes = label_file.read_values();
  examples.labels.assign(bytes.begin(), bytes.end());
  examples.shape.classes = 1 + *std::max_element(bytes.begin(), bytes.end());
  examples.bytes = image_file.map_values();
  return examples;
}

}  // namespace etalon
