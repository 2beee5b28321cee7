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
      piece_(std::move(other.piece_)),
      end_(std::move(other.end_)) {}

FileTail::~FileTail() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string_view FileTail::read() {
  if (descriptor_ < 0) descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor_ < 0) return {};
  piece_.resize(kPiece);
  const ssize_t length = ::read(descriptor_, piece_.data(), piece_.size());
  piece_.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  end_.append(piece_, piece_.size() > kKept ? piece_.size() - kKept : 0);
  if (end_.size() > kKept) end_.erase(0, end_.size() - kKept);
  return piece_;
}

}  // namespace etalon
