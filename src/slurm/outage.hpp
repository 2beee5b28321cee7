// Slurm does not answer: said once, and again when it does; too long is an error.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace etalon {

// Whether a command of Slurm's failed with `error` because Slurm is away, which may pass, and not
// for what it was asked.
bool is_outage(std::string_view error);

class Outage {
 public:
  Outage(std::chrono::milliseconds patience, std::function<void(std::string_view)> say)
      : patience_(patience), say_(std::move(say)) {}

  // `complaint` is what the last of its commands failed with; empty: it went well. Throws RunError
  // once where they have failed for longer than the patience.
  void note(const std::string& complaint);

 private:
  void begin(const std::string& complaint);
  void end();

  const std::chrono::milliseconds patience_;
  const std::function<void(std::string_view)> say_;
  std::optional<std::chrono::steady_clock::time_point> since_;
  bool is_told_ = false;
};

}  // namespace etalon
