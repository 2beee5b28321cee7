#include "metrics/event_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/crc32c.hpp"
#include "metrics/protobuf_fields.hpp"

namespace etalon {

void EventRecords::take(std::string_view bytes) {
  const auto skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
  to_skip_ -= skipped;
  passed_ += skipped;
  if (damage_.empty()) bytes_ += bytes.substr(static_cast<std::size_t>(skipped));
  std::size_t taken = 0;
  while (const std::size_t record = take_record(std::string_view(bytes_).substr(taken))) {
    taken += record;
    passed_ += record;
  }
  bytes_.erase(0, damage_.empty() ? taken : bytes_.size());
}

// How many bytes of `rest` are dealt with; 0 where it has no whole record.
std::size_t EventRecords::take_record(std::string_view rest) {
  constexpr std::size_t kHeader = 12, kChecksum = 4;
  if (!damage_.empty() || rest.size() < kHeader) return 0;
  const auto length = number_from<std::uint64_t>(rest);
  const auto of_length = number_from<std::uint32_t>(rest.substr(8));
  if (of_length != masked_crc32c(rest.substr(0, 8))) return note_damage();
  const std::uint64_t whole = kHeader + std::min(length, std::uint64_t{1} << 62) + kChecksum;
  if (length > kLongest) {
    const auto here = std::min<std::uint64_t>(whole, rest.size());
    to_skip_ = whole - here;
    return static_cast<std::size_t>(here);
  }
  if (rest.size() < whole) return 0;
  const std::string_view message = rest.substr(kHeader, static_cast<std::size_t>(length));
  const auto checksum = number_from<std::uint32_t>(rest.substr(kHeader + message.size()));
  if (checksum != masked_crc32c(message)) return note_damage();
  hear_(message);
  return static_cast<std::size_t>(whole);
}

std::size_t EventRecords::note_damage() {
  damage_ = fmt::format("its checksum does not fit at byte {}", passed_);
  return 0;
}

}  // namespace etalon
