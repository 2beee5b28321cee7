#include "cli/read_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/standard_streams.hpp"
#include "report/display.hpp"

namespace etalon::cli {
namespace {

constexpr double kFirst = 2.0, kRedrawn = 0.2, kLines = 10.0;  // seconds
constexpr const char* kErased = "\r\x1b[K";

}  // namespace

HearProgress ReadProgress::hear(bool quiet) {
  if (quiet) return nullptr;
  return [this](double done, double all, std::string_view unit) {
    const double passed = clock_() - start_;
    const double pause = isatty(STDERR_FILENO) != 0 ? kRedrawn : kLines;
    if (done >= all || passed < kFirst || (shown_ > 0.0 && passed < shown_ + pause)) return;
    shown_ = passed;
    show(done, all, unit);
  };
}

void ReadProgress::show(double done, double all, std::string_view unit) {
  const double left = done > 0.0 ? shown_ / done * (all - done) : 0.0;
  const std::string how_much = unit == "%" ? fmt::format("{:.0f}%", done)
                                           : fmt::format("{:.0f} of {:.0f} {}", done, all, unit);
  const std::string text =
      fmt::format("etalon: {} {}, about {} left", done_, how_much, display_duration(left));
  is_drawn_ = isatty(STDERR_FILENO) != 0;
  std::fputs((is_drawn_ ? kErased + text : text + '\n').c_str(), stderr);
}

void ReadProgress::finish() {
  if (is_drawn_) std::fputs(kErased, stderr);
  is_drawn_ = false;
}

}  // namespace etalon::cli
