#include "imports/wandb_records.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include "metrics/protobuf_fields.hpp"

namespace etalon {
namespace {

constexpr std::size_t kPieceHeader = 7;
constexpr char kFull = 1, kFirst = 2, kLast = 4;

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace

void WandbRecords::read(std::istream& file) {
  std::string block(kBlock, '\0');
  while (damage_.empty() && (file.read(block.data(), kBlock), file.gcount() > 0)) {
    const std::string_view bytes(block.data(), static_cast<std::size_t>(file.gcount()));
    const bool is_first = passed_ == 0;
    if (is_first && !bytes.starts_with(kWandbMark)) {
      damage_ = "it does not begin as a .wandb file does";
      return;
    }
    is_whole_block_ = bytes.size() == kBlock;
    take_block(bytes, is_first ? kWandbMark.size() + 1 : 0);
    passed_ += bytes.size();
  }
}

void WandbRecords::take_block(std::string_view block, std::size_t header) {
  std::size_t at = header;
  while (damage_.empty() && at + kPieceHeader <= block.size()) {
    const std::size_t taken = take_piece(block.substr(at));
    if (taken == 0) break;
    at += taken;
  }
  if (!damage_.empty()) damage_ += fmt::format(" at byte {}", passed_ + at);
}

// How many bytes of `rest` are dealt with; 0 where it has no whole piece. Of a file that is made
// longer before it is written, the end is zeros.
std::size_t WandbRecords::take_piece(std::string_view rest) {
  const std::size_t length = number_from<std::uint16_t>(rest.substr(4));
  const char type = rest[6];
  if (type == 0 && length == 0) return 0;
  if (kPieceHeader + length > rest.size()) {
    if (is_whole_block_) damage_ = "a record does not end with its block";
    return 0;
  }
  const std::string_view checked = rest.substr(6, 1 + length);
  if (crc32_of(checked) != number_from<std::uint32_t>(rest)) {
    damage_ = "its checksum does not fit";
    return 0;
  }
  add_piece(type, checked.substr(1));
  return kPieceHeader + length;
}

void WandbRecords::add_piece(char type, std::string_view bytes) {
  if (type == kFull) hear_(bytes);
  if (type == kFull || type == kFirst) {
    record_.clear();
    is_within_ = type == kFirst;
  }
  if (!is_within_) return;
  record_ += bytes;
  is_within_ = type != kLast && record_.size() <= kLongest;
  if (type == kLast) hear_(record_);
}

}  // namespace etalon
