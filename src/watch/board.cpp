#include "watch/board.hpp"

#include <fmt/format.h>

#include <utility>

namespace etalon {

std::string changes_since(const Frame& frame, std::int64_t version) {
  std::string text =
      fmt::format("{{\"version\":{},\"generation\":{},", frame.version, frame.generation);
  if (frame.answer.version > version) {
    text.append(frame.answer.json, 1, frame.answer.json.size() - 2) += ',';
  }
  text += "\"trials\":[";
  std::string_view separator;
  for (const auto& [id, trial] : *frame.trials) {
    if (trial.version <= version) continue;
    text.append(separator).append(trial.json);
    separator = ",";
  }
  return text + "],\"live\":" + frame.live + "}";
}

void Board::put(std::shared_ptr<const Frame> frame) {
  {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(frame);
  }
  changed_.notify_all();
}

std::shared_ptr<const Frame> Board::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::shared_ptr<const Frame> Board::wait_newer(std::int64_t version,
                                               std::chrono::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  const auto is_newer = [&] { return newest_ && newest_->version > version; };
  changed_.wait_for(lock, at_most, [&] { return closed_ || is_newer(); });
  return is_newer() && !closed_ ? newest_ : nullptr;
}

void Board::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

bool Board::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace etalon
