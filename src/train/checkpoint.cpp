#include "train/checkpoint.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>

#include "core/crc32c.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr std::string_view kMagic = "ETALONCK";
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kPrefix = kMagic.size() + 2 * sizeof(std::uint32_t);

template <typename T>
void append(std::string& bytes, const T* values, std::size_t count) {
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

std::uint32_t number_at(std::string_view bytes, std::size_t place) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + place, sizeof(number));
  return number;
}

[[noreturn]] void refuse(const char* what, const std::string& place) {
  throw InputError(what, place, "give a checkpoint that etalon train wrote, or start afresh");
}

// The header and the vectors' bytes, once magic, version and checksum are right.
std::string_view checked_body(std::string_view bytes, const std::string& place) {
  if (bytes.substr(0, kMagic.size()) != kMagic) refuse("this is no checkpoint", place);
  if (bytes.size() < kPrefix + sizeof(std::uint32_t)) refuse("the checkpoint is truncated", place);
  if (number_at(bytes, kMagic.size()) != kVersion) {
    refuse("the checkpoint has another version of the format", place);
  }
  const std::size_t end = bytes.size() - sizeof(std::uint32_t);
  if (crc32c(bytes.substr(0, end)) != number_at(bytes, end)) {
    refuse("the checkpoint is damaged (its checksum is wrong)", place);
  }
  return bytes.substr(kPrefix, end - kPrefix);
}

}  // namespace

std::string encode_checkpoint(const nlohmann::ordered_json& header,
                              std::span<const std::span<float>> vectors) {
  nlohmann::ordered_json full = header;
  full["vector_sizes"] = nlohmann::ordered_json::array();
  for (const auto& vector : vectors) full["vector_sizes"].push_back(vector.size());
  const std::string text = full.dump();
  std::string bytes(kMagic);
  const auto length = static_cast<std::uint32_t>(text.size());
  append(bytes, &kVersion, 1);
  append(bytes, &length, 1);
  bytes += text;
  for (const auto& vector : vectors) append(bytes, vector.data(), vector.size());
  const std::uint32_t checksum = crc32c(bytes);
  append(bytes, &checksum, 1);
  return bytes;
}

Checkpoint decode_checkpoint(std::string_view bytes, const std::string& place) {
  std::string_view body = checked_body(bytes, place);
  const std::size_t length = number_at(bytes, kMagic.size() + sizeof(std::uint32_t));
  if (length > body.size()) refuse("the checkpoint is truncated", place);
  Checkpoint checkpoint;
  try {
    checkpoint.header = nlohmann::ordered_json::parse(body.substr(0, length));
    body.remove_prefix(length);
    for (const std::size_t size :
         checkpoint.header.at("vector_sizes").get<std::vector<std::size_t>>()) {
      if (size > body.size() / sizeof(float)) refuse("the checkpoint is truncated", place);
      AlignedVector vector(size);
      std::memcpy(vector.data(), body.data(), size * sizeof(float));
      body.remove_prefix(size * sizeof(float));
      checkpoint.vectors.push_back(std::move(vector));
    }
  } catch (const nlohmann::json::exception&) {
    refuse("the checkpoint's header is malformed", place);
  }
  if (!body.empty()) refuse("the checkpoint has bytes left over", place);
  return checkpoint;
}

}  // namespace etalon
