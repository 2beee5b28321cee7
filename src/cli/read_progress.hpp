// How reading many files, or another work, gets on, told on standard error: nothing for two
// seconds, then one line that is redrawn on a terminal, a line every ten seconds elsewhere.
#pragma once

#include <string_view>

#include "core/clock.hpp"
#include "imports/read_source.hpp"

namespace etalon::cli {

class ReadProgress {
 public:
  // `done` is what is done: "read 3 of 9 files".
  explicit ReadProgress(const char* done = "read", Clock clock = steady_seconds)
      : done_(done), clock_(std::move(clock)), start_(clock_()) {}
  ~ReadProgress() { finish(); }
  ReadProgress(const ReadProgress&) = delete;
  ReadProgress& operator=(const ReadProgress&) = delete;

  // Says nothing where that is `quiet`. Valid as long as this is.
  HearProgress hear(bool quiet);
  // Takes the redrawn line away. Idempotent.
  void finish();

 private:
  void show(double done, double all, std::string_view unit);

  const char* const done_;
  const Clock clock_;
  const double start_;
  double shown_ = 0.0;  // when, since the start
  bool is_drawn_ = false;
};

}  // namespace etalon::cli
