#include "program/file_tail.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace etalon {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

}  // namespace

FileTail::FileTail(FileTail&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      end_(std::move(other.end_)) {}

FileTail::~FileTail() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string_view FileTail::read() {
  if (descriptor_ < 0) descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor_ < 0) return {};
  thread_local std::string buffer(kPiece, '\0');
  const ssize_t length = ::read(descriptor_, buffer.data(), buffer.size());
  const std::string_view piece(buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  end_ += piece.substr(piece.size() > kKept ? piece.size() - kKept : 0);
  if (end_.size() > kKept) end_.erase(0, end_.size() - kKept);
  return piece;
}

}  // namespace etalon
