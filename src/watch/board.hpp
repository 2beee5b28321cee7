// What is known of a study, for many readers at once: one watcher puts it up, streams wait for it.
//
// A frame never changes once it is up. Readers ask for what is new since the version they have, so
// that an open page is sent a study once and then only what changed. Safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "watch/watched_study.hpp"

namespace etalon {

// A piece of JSON and the version that it is from.
struct Piece {
  std::int64_t version = 0;
  std::string json;
};

using Pieces = std::map<std::int64_t, Piece>;  // by trial

struct Frame {
  std::int64_t version = 0;     // counts up from 1
  std::int64_t generation = 0;  // another one: the study is not the one it was
  std::shared_ptr<const WatchedStudy> study;
  Piece answer;  // an object: answer_json of page_json.hpp
  std::shared_ptr<const Pieces> trials;
  std::string live;  // an object: what is under way and left
};

// One object with "version", "generation", "live", the "trials" that changed since, and the members
// of the answer where it did; since 0: everything.
std::string changes_since(const Frame& frame, std::int64_t version);

class Board {
 public:
  void put(std::shared_ptr<const Frame> frame);
  // Nothing before the first.
  std::shared_ptr<const Frame> newest() const;
  // Waits for one newer than `version`; nothing where there is none in time, or after `close`.
  std::shared_ptr<const Frame> wait_newer(std::int64_t version,
                                          std::chrono::milliseconds at_most) const;
  void close();
  bool is_closed() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  std::shared_ptr<const Frame> newest_;
  bool closed_ = false;
};

}  // namespace etalon
