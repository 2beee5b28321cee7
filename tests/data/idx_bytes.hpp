// IDX files in memory, written and read by hand: the independent witness of the reader's tests.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "data/idx.hpp"

namespace etalon::testing {

using Bytes = std::vector<std::uint8_t>;

inline Bytes idx_bytes(const std::vector<std::uint32_t>& shape, const Bytes& values) {
  Bytes bytes = {0, 0, 8, static_cast<std::uint8_t>(shape.size())};
  for (const std::uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>(size >> shift));
    }
  }
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

// Values 0, 1, 2, ... modulo `modulus`.
inline Bytes counting(std::size_t count, int modulus) {
  Bytes values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<std::uint8_t>(i % static_cast<std::size_t>(modulus));
  }
  return values;
}

// What a correct reader makes of uncompressed bytes; nothing if they are not a well-formed file.
inline std::optional<IdxArray> parse_naively(const Bytes& bytes, int min_dimensions,
                                             int max_dimensions) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 8) return std::nullopt;
  const int dimensions = bytes[3];
  if (dimensions < min_dimensions || dimensions > max_dimensions) return std::nullopt;
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(dimensions);
  if (bytes.size() < header) return std::nullopt;
  IdxArray array;
  double product = 1.0;
  for (std::size_t i = 4; i < header; i += 4) {
    array.shape.push_back(((bytes[i] * 256u + bytes[i + 1]) * 256u + bytes[i + 2]) * 256u +
                          bytes[i + 3]);
    product *= array.shape.back();
  }
  const std::size_t left = bytes.size() - header;
  if (product == 0.0 || product != static_cast<double>(left)) return std::nullopt;
  array.values.assign(bytes.end() - static_cast<std::ptrdiff_t>(left), bytes.end());
  return array;
}

inline void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  // Some file systems wait for the disk when a file is overwritten.
  std::filesystem::remove(path);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

inline Bytes gzipped(const Bytes& bytes) {
  z_stream stream{};
  constexpr int kGzip = 16 + 15;
  if (deflateInit2(&stream, 9, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
  Bytes out(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate failed");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Writes the four files of a set of 1 x 2 x 3 images.
inline void write_small_set(const std::filesystem::path& directory, std::uint32_t train,
                            std::uint32_t test) {
  for (const auto& [prefix, count] : {std::pair{"train", train}, std::pair{"t10k", test}}) {
    const std::string start = (directory / prefix).string();
    write_file(start + "-images-idx3-ubyte", idx_bytes({count, 2, 3}, counting(count * 6, 251)));
    write_file(start + "-labels-idx1-ubyte", idx_bytes({count}, counting(count, 4)));
  }
}

}  // namespace etalon::testing
