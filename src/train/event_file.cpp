#include "train/event_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "core/crc32c.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Wire types of protocol buffers, in the low three bits of a field's key.
enum class Wire : unsigned char { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

template <typename T>
void append_raw(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void append_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7F) | 0x80);
  bytes += static_cast<char>(value);
}

void append_key(std::string& bytes, unsigned field, Wire wire) {
  append_varint(bytes, field << 3 | static_cast<unsigned>(wire));
}

void append_bytes(std::string& bytes, unsigned field, std::string_view content) {
  append_key(bytes, field, Wire::bytes);
  append_varint(bytes, content.size());
  bytes += content;
}

// Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
std::string event(double wall_time, std::int64_t step) {
  std::string bytes;
  append_key(bytes, 1, Wire::fixed64);
  append_raw(bytes, wall_time);
  append_key(bytes, 2, Wire::varint);
  append_varint(bytes, static_cast<std::uint64_t>(step));
  return bytes;
}

// Summary: value = 1; Summary.Value: tag = 1, simple_value = 2.
std::string summary(std::span<const Scalar> scalars) {
  std::string all;
  for (const Scalar& scalar : scalars) {
    std::string value;
    append_bytes(value, 1, scalar.tag);
    append_key(value, 2, Wire::fixed32);
    append_raw(value, static_cast<float>(scalar.value));
    append_bytes(all, 1, value);
  }
  return all;
}

std::string framed(const std::string& message) {
  std::string record;
  append_raw(record, static_cast<std::uint64_t>(message.size()));
  append_raw(record, masked_crc32c(record));
  record += message;
  append_raw(record, masked_crc32c(message));
  return record;
}

double now() {
  using Clock = std::chrono::system_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

std::string file_name(double wall_time) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("events.out.tfevents.{:.6f}.{}.{}", wall_time, host.data(), getpid());
}

}  // namespace

std::string scalar_record(double wall_time, std::int64_t step, std::span<const Scalar> scalars) {
  std::string message = event(wall_time, step);
  append_bytes(message, 5, summary(scalars));
  return framed(message);
}

std::string version_record(double wall_time) {
  std::string message = event(wall_time, 0);
  append_bytes(message, 3, "brain.Event:2");
  return framed(message);
}

EventFile::EventFile(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!std::filesystem::is_directory(directory)) {
    throw InputError(fmt::format("cannot make the directory ({})",
                                 error ? error.message() : "there is a file of that name"),
                     directory.string(),
                     fmt::format("choose another {}", field_name("tensorboard")));
  }
  const double time = now();
  path_ = directory / file_name(time);
  file_.open(path_, std::ios::binary | std::ios::trunc);
  write(version_record(time));
}

void EventFile::add(std::int64_t step, std::span<const Scalar> scalars) {
  write(scalar_record(now(), step, scalars));
}

void EventFile::write(const std::string& record) {
  file_.write(record.data(), static_cast<std::streamsize>(record.size()));
  file_.flush();
  if (!file_) {
    throw RunError("cannot write the event file", path_.string(),
                   fmt::format("free some space or choose another {}", field_name("tensorboard")));
  }
}

}  // namespace etalon
