// A study's page on the loopback address, fed as the study grows.
//
//   GET /              the report's page, which asks for the rest by itself
//   GET /events        server-sent events: an object of what changed since ?since=VERSION, again
//   and
//                      again (changes_since of board.hpp)
//   GET /study.json    the same once, since 0
//   GET /trial?id=12   trial_log.hpp
//   GET /summary.json /trials.csv /curves.csv
//
// It answers to nobody but this machine's own addresses (the Host header is looked at, so that no
// page from elsewhere can read through a name that points here), reads only, and loads nothing. So
// many streams at once and no more; each ends with its reader. Safe from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

#include "watch/board.hpp"

namespace etalon {

// Whether a Host header names this machine's loopback address, with any port.
bool is_loopback_host(std::string_view host);

struct WatchServerOptions {
  int port = 8571;               // in [0, 65535]; 0: any that is free
  bool may_take_another = true;  // where that one is taken
  std::size_t most_streams = 64;
  void validate() const;  // throws InputError naming field, value and constraint
};

class WatchServer {
 public:
  // Takes the port at once. `board` must outlive it. Throws RunError where no port can be had.
  WatchServer(const Board& board, std::filesystem::path study_directory,
              const WatchServerOptions& options);
  ~WatchServer();
  WatchServer(const WatchServer&) = delete;
  WatchServer& operator=(const WatchServer&) = delete;

  int port() const;
  std::size_t streams() const;  // that are open
  // Serves until `stop`, which another thread calls after it closed the board.
  void serve();
  void stop();

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace etalon
