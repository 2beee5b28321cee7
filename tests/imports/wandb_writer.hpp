// A .wandb file, written as LevelDB's doc/log_format.md and wandb_internal.proto have it.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "imports/protobuf_writer.hpp"

namespace etalon::testing {

using JsonItems = std::vector<std::pair<std::string, std::string>>;  // names and JSON

class WandbWriter {
 public:
  static constexpr std::size_t kBlock = 32768, kHeader = 7;

  WandbWriter& history(std::uint64_t step, const JsonItems& items) {
    ProtobufWriter history = items_of(items);
    history.message(2, ProtobufWriter().number(1, step));
    return record(ProtobufWriter().message(2, history));
  }
  WandbWriter& summary(const JsonItems& items) { return record_of(3, items_of(items)); }
  WandbWriter& config(const JsonItems& items) { return record_of(5, items_of(items)); }
  WandbWriter& run(const std::string& project, const std::string& name, const JsonItems& config) {
    return record_of(17, ProtobufWriter()
                             .bytes(1, "x1y2z3")
                             .bytes(3, project)
                             .message(4, items_of(config))
                             .bytes(8, name));
  }
  WandbWriter& goal(const std::string& metric, std::uint64_t goal) {
    return record_of(12, ProtobufWriter().bytes(1, metric).number(8, goal));
  }
  WandbWriter& exit(std::uint64_t code) {
    ProtobufWriter exit;
    if (code != 0) exit.number(1, code);  // a zero is left out
    return record_of(18, exit);
  }
  WandbWriter& record_of(std::uint64_t field, const ProtobufWriter& message) {
    return record(ProtobufWriter().message(field, message));
  }

  // In as many pieces as blocks are needed.
  WandbWriter& record(const ProtobufWriter& message) {
    std::string rest = message.text();
    bool is_first = true;
    do {
      if (left_in_block() < kHeader) bytes_.append(left_in_block(), '\0');
      const std::size_t length = std::min(rest.size(), left_in_block() - kHeader);
      const bool is_last = length == rest.size();
      piece(is_first ? (is_last ? 1 : 2) : (is_last ? 4 : 3), rest.substr(0, length));
      rest.erase(0, length);
      is_first = false;
      if (is_last) break;
    } while (true);
    return *this;
  }

  const std::string& text() const { return bytes_; }

  static std::string checksum_of(const std::string& type_and_bytes) {
    return little_endian(crc32(0, reinterpret_cast<const Bytef*>(type_and_bytes.data()),
                               static_cast<uInt>(type_and_bytes.size())),
                         4);
  }

  // A name with '>' is nested: "optimizer>lr".
  static ProtobufWriter items_of(const JsonItems& items) {
    ProtobufWriter message;
    for (const auto& [name, json] : items) {
      ProtobufWriter item;
      if (name.find('>') == std::string::npos) item.bytes(1, name);
      for (std::size_t at = 0; name.find('>') != std::string::npos && at <= name.size();) {
        const std::size_t end = std::min(name.find('>', at), name.size());
        item.bytes(2, name.substr(at, end - at));
        at = end + 1;
      }
      message.message(1, item.bytes(16, json));
    }
    return message;
  }

 private:
  std::size_t left_in_block() const { return kBlock - bytes_.size() % kBlock; }
  void piece(char type, const std::string& bytes) {
    bytes_ += checksum_of(type + bytes) + little_endian(bytes.size(), 2) + type + bytes;
  }
  static std::string little_endian(std::uint64_t value, int size) {
    std::string bytes;
    for (; size > 0; --size, value >>= 8) bytes += static_cast<char>(value & 0xFF);
    return bytes;
  }

  std::string bytes_ = std::string(":W&B\xE1\xBE\0", 7);
};

}  // namespace etalon::testing
