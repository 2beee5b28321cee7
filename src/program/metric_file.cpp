#include "program/metric_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace etalon {
namespace {

constexpr std::size_t kFilePiece = std::size_t{1} << 20;
// What of a file's beginning tells it from another: more than a table's header.
constexpr std::size_t kBeginning = 4096;

}  // namespace

MetricFile::MetricFile(std::filesystem::path path, SharedPattern pattern, HearRow hear)
    : path_(std::move(path)), pattern_(std::move(pattern)), hear_(std::move(hear)) {
  restart();
}

MetricFile::~MetricFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void MetricFile::restart() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  offset_ = 0;
  beginning_.clear();
  reader_ = make_row_reader(path_, pattern_, hear_);
}

// A regular one alone: what is no file (a pipe, a device) has no end to read to.
bool MetricFile::open_file() {
  if (descriptor_ >= 0) return true;
  const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat found {};
  if (file >= 0 && fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
    descriptor_ = file;
  } else if (file >= 0) {
    close(file);
  }
  return descriptor_ >= 0;
}

bool MetricFile::is_another() const {
  struct stat named {
  }, opened{};
  if (fstat(descriptor_, &opened) != 0 || opened.st_size < offset_) return true;
  const bool is_named = stat(path_.c_str(), &named) == 0;
  if (is_named && (named.st_ino != opened.st_ino || named.st_dev != opened.st_dev)) return true;
  if (opened.st_size == offset_) return false;
  std::array<char, kBeginning> now;
  const ssize_t length = pread(descriptor_, now.data(), beginning_.size(), 0);
  return length != static_cast<ssize_t>(beginning_.size()) ||
         !std::equal(beginning_.begin(), beginning_.end(), now.begin());
}

MetricFile::News MetricFile::read() {
  if (!open_file()) return News::none;
  if (is_another()) return News::anew;
  thread_local std::string buffer(kFilePiece, '\0');
  const ssize_t length = pread(descriptor_, buffer.data(), buffer.size(), offset_);
  if (length <= 0) return News::none;
  const std::string_view piece =
      std::string_view(buffer).substr(0, static_cast<std::size_t>(length));
  offset_ += length;
  if (beginning_.size() < kBeginning) beginning_ += piece.substr(0, kBeginning - beginning_.size());
  reader_->take(piece);
  return News::more;
}

}  // namespace etalon
