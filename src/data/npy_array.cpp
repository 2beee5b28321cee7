#include "data/npy_array.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/text.hpp"
#include "data/file_bytes.hpp"
#include "data/npy_header.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::string_view kNumpyMagic = "\x93NUMPY";
constexpr std::size_t kNumpyPrefix = 8;  // magic and version
constexpr const char* kSaveAgain = "write it again with numpy.save or savez";

static_assert(std::endian::native == std::endian::little, "values are read as they lie");

// Where the header's text begins, and its length.
struct HeaderPlace {
  std::size_t start = 0, length = 0;
};

HeaderPlace header_place(std::span<const std::uint8_t> bytes, const std::string& place) {
  const bool is_npy = bytes.size() >= kNumpyPrefix &&
                      std::memcmp(bytes.data(), kNumpyMagic.data(), kNumpyMagic.size()) == 0;
  if (!is_npy) refuse_at_byte("this is no array of NumPy's", place, 0, "name a .npy file");
  const std::uint8_t version = bytes[kNumpyMagic.size()];
  if (version < 1 || version > 3) {
    refuse_at_byte(fmt::format("the array has format version {}", version), place,
                   kNumpyMagic.size(), "use one of 1 to 3");
  }
  const std::size_t width = version == 1 ? 2 : 4;
  HeaderPlace header{kNumpyPrefix + width, 0};
  if (bytes.size() < header.start) {
    refuse_at_byte("the array ends within its header", place, bytes.size(), kFetchAgain);
  }
  std::memcpy(&header.length, bytes.data() + kNumpyPrefix, width);
  if (header.length > bytes.size() - header.start) {
    refuse_at_byte("the array ends within its header", place, bytes.size(), kFetchAgain);
  }
  return header;
}

// "<f4": byte order, kind, bytes.
NpyType parse_type(const std::string& text, const std::string& place) {
  const bool is_plain =
      text.size() == 3 && std::string_view("<>|=").find(text[0]) != std::string::npos;
  NpyType type;
  type.text = text;
  if (is_plain) {
    type.kind = text[1];
    type.size = static_cast<std::size_t>(text[2] - '0');
    type.is_swapped = text[0] == '>' && type.size > 1;
    const bool is_power = type.size == 1 || type.size == 2 || type.size == 4 || type.size == 8;
    if (type.kind == 'f' && (type.size == 4 || type.size == 8)) return type;
    if ((type.kind == 'i' || type.kind == 'u') && is_power) return type;
    if (type.kind == 'b' && type.size == 1) return type;
  }
  throw InputError(fmt::format("the array is of type '{}'", shortened(text)), place,
                   "convert it to float32 or float64, or to whole numbers");
}

void check_length(const NpyArray& array, std::uint64_t there, std::uint64_t offset) {
  std::uint64_t bytes = array.type.size;
  for (const std::int64_t size : array.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes)) {
      refuse_at_byte("the header claims more than 2^64 bytes", array.place, offset, kSaveAgain);
    }
  }
  if (bytes == there) return;
  refuse_at_byte(fmt::format("the header claims {} bytes of values, there are {}", bytes, there),
                 array.place, offset, kFetchAgain);
}

// The value at `from`, least significant byte first or last.
template <typename Value>
Value value_at(const std::uint8_t* from, bool is_swapped) {
  std::uint8_t bytes[sizeof(Value)];
  if (is_swapped) {
    std::reverse_copy(from, from + sizeof(Value), bytes);
  } else {
    std::copy_n(from, sizeof(Value), bytes);
  }
  Value value;
  std::memcpy(&value, bytes, sizeof(Value));
  return value;
}

// Calls take(index, value) with each of the values, in its own type.
template <typename Value, typename Take>
void each_value(const NpyArray& array, Take take) {
  const std::uint8_t* from = array.values.data();
  const auto count = static_cast<std::size_t>(array.size());
  for (std::size_t i = 0; i < count; ++i) {
    take(i, value_at<Value>(from + i * sizeof(Value), array.type.is_swapped));
  }
}

template <typename Take>
void each_whole(const NpyArray& array, Take take) {
  const bool is_signed = array.type.kind == 'i';
  switch (array.type.size) {
    case 1:
      return is_signed ? each_value<std::int8_t>(array, take)
                       : each_value<std::uint8_t>(array, take);
    case 2:
      return is_signed ? each_value<std::int16_t>(array, take)
                       : each_value<std::uint16_t>(array, take);
    case 4:
      return is_signed ? each_value<std::int32_t>(array, take)
                       : each_value<std::uint32_t>(array, take);
    default:
      return is_signed ? each_value<std::int64_t>(array, take)
                       : each_value<std::uint64_t>(array, take);
  }
}

bool can_be_taken_as_they_lie(const NpyArray& array) {
  const auto address = reinterpret_cast<std::uintptr_t>(array.values.data());
  return array.type.is_float() && array.type.size == 4 && !array.type.is_swapped &&
         address % alignof(float) == 0;
}

SharedArray<float> converted(const NpyArray& array) {
  std::vector<float> floats(static_cast<std::size_t>(array.size()));
  const auto take = [&](std::size_t i, auto value) { floats[i] = static_cast<float>(value); };
  if (!array.type.is_float()) {
    each_whole(array, take);
  } else if (array.type.size == 4) {
    each_value<float>(array, take);
  } else {
    each_value<double>(array, take);
  }
  return SharedArray(std::move(floats));
}

void check_finite(const NpyArray& array, std::span<const float> floats) {
  const auto wrong =
      std::find_if(floats.begin(), floats.end(), [](float value) { return !std::isfinite(value); });
  if (wrong == floats.end()) return;
  const auto index = static_cast<std::int64_t>(wrong - floats.begin());
  const std::int64_t row = array.shape.empty() ? 0 : index / (array.size() / array.shape[0]);
  throw InputError(fmt::format("value {} is no number that a float holds", index),
                   fmt::format("{} row {}", array.place, row), "leave that row out");
}

}  // namespace

std::int64_t NpyArray::size() const {
  std::uint64_t product = 1;
  for (const std::int64_t size : shape) product *= static_cast<std::uint64_t>(size);
  return static_cast<std::int64_t>(product);
}

NpyArray read_npy(const SharedArray<std::uint8_t>& bytes, const std::string& place) {
  const HeaderPlace at = header_place(bytes.values(), place);
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + at.start;
  const NpyHeader header = parse_npy_header({text, at.length}, place, at.start);
  NpyArray array{place, parse_type(header.type, place), header.shape, {}};
  if (header.is_fortran && header.shape.size() > 1) {
    throw InputError("the array is in Fortran's order", place,
                     "save numpy.ascontiguousarray of it");
  }
  const std::size_t start = at.start + at.length;
  check_length(array, bytes.size() - start, start);
  array.values = {std::make_shared<SharedArray<std::uint8_t>>(bytes),
                  bytes.values().subspan(start)};
  return array;
}

SharedArray<float> npy_floats(const NpyArray& array) {
  SharedArray<float> floats;
  if (can_be_taken_as_they_lie(array)) {
    const auto* first = reinterpret_cast<const float*>(array.values.data());
    floats = {std::make_shared<SharedArray<std::uint8_t>>(array.values),
              {first, static_cast<std::size_t>(array.size())}};
  } else {
    floats = converted(array);
  }
  check_finite(array, floats.values());
  return floats;
}

std::vector<std::int64_t> npy_whole_numbers(const NpyArray& array) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(array.size()));
  each_whole(array, [&](std::size_t i, auto value) {
    if (std::cmp_greater(value, std::numeric_limits<std::int64_t>::max())) {
      throw InputError(fmt::format("value {} is {}", i, value), array.place,
                       "it must be below 2^63");
    }
    numbers[i] = static_cast<std::int64_t>(+value);  // of a byte, as a number
  });
  return numbers;
}

}  // namespace etalon
