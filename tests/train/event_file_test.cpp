// The event file read back by a reader of its own: bit-by-bit CRC, protobuf decoded field by field.
#include "train/event_file.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <iterator>
#include <map>
#include <vector>

#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

std::uint32_t bitwise_crc(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0x82F63B78u : 0u);
  }
  return ~crc;
}

std::uint32_t unmasked(std::uint32_t value) {
  value -= 0xa282ead8u;
  return (value >> 17) | (value << 15);
}

struct Reader {
  std::string bytes;
  std::size_t at = 0;

  bool more() const { return at < bytes.size(); }
  std::string take(std::size_t count) {
    if (count > bytes.size() - at) throw std::runtime_error("truncated");
    at += count;
    return bytes.substr(at - count, count);
  }
  template <typename T>
  T raw() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= static_cast<std::uint64_t>(byte & 0x7Fu) << shift;
      if ((byte & 0x80u) == 0) return value;
    }
  }
};

struct Event {
  double wall_time = 0.0;
  std::uint64_t step = 0;
  std::string version;
  std::map<std::string, float> scalars;
};

void read_value(Reader value, Event& event) {
  std::string tag;
  while (value.more()) {
    const auto key = value.varint();
    if (key == (1 << 3 | 2)) tag = value.take(value.varint());
    if (key == (2 << 3 | 5)) event.scalars[tag] = value.raw<float>();
  }
}

Event read_event(Reader message) {
  Event event;
  while (message.more()) {
    const auto key = message.varint();
    if (key == (1 << 3 | 1)) event.wall_time = message.raw<double>();
    if (key == (2 << 3 | 0)) event.step = message.varint();
    if (key == (3 << 3 | 2)) event.version = message.take(message.varint());
    if (key != (5 << 3 | 2)) continue;
    Reader summary{message.take(message.varint())};
    while (summary.more()) {
      EXPECT_EQ(summary.varint(), 1u << 3 | 2u);
      read_value(Reader{summary.take(summary.varint())}, event);
    }
  }
  return event;
}

std::vector<Event> read_events(const std::string& bytes) {
  std::vector<Event> events;
  Reader file{bytes};
  while (file.more()) {
    const std::string length_bytes = file.take(8);
    EXPECT_EQ(unmasked(file.raw<std::uint32_t>()), bitwise_crc(length_bytes));
    std::uint64_t length = 0;
    std::memcpy(&length, length_bytes.data(), sizeof(length));
    const std::string message = file.take(length);
    EXPECT_EQ(unmasked(file.raw<std::uint32_t>()), bitwise_crc(message));
    events.push_back(read_event(Reader{message}));
  }
  return events;
}

TEST(EventFile, IsReadBackByAnIndependentReader) {
  const testing::TemporaryDirectory directory;
  EventFile file(directory.path() / "runs");
  const std::vector<Scalar> first = {{"loss/train", 0.75}, {"lr", 1e-3}};
  const std::vector<Scalar> second = {{"loss/train", 0.5}};
  file.add(7, first);
  file.add(300000, second);
  EXPECT_NE(file.path().filename().string().find("tfevents"), std::string::npos);

  std::ifstream stream(file.path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const auto events = read_events(bytes);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_EQ(events[1].step, 7u);
  EXPECT_EQ(events[1].scalars,
            (std::map<std::string, float>{{"loss/train", 0.75f}, {"lr", 1e-3f}}));
  EXPECT_EQ(events[2].step, 300000u);
  EXPECT_EQ(events[2].scalars, (std::map<std::string, float>{{"loss/train", 0.5f}}));
  EXPECT_GE(events[2].wall_time, events[1].wall_time);
  EXPECT_GT(events[1].wall_time, 1.6e9);
}

TEST(EventFile, SaysWhereItCannotWrite) {
  const testing::TemporaryDirectory directory;
  std::ofstream(directory.path() / "taken") << "a file";
  EXPECT_THROW(EventFile(directory.path() / "taken"), InputError);
}

}  // namespace
}  // namespace etalon
