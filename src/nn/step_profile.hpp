// Where the time of a network goes, by kind of layer.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace etalon {

class StepProfile {
 public:
  using Clock = std::chrono::steady_clock;

  // Counts the time until its end for `kind`, and no longer for whatever was counted before.
  class Span {
   public:
    Span(StepProfile& profile, const std::string& kind) : profile_(profile) {
      profile_.enter(kind);
    }
    ~Span() { profile_.leave(); }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    StepProfile& profile_;
  };

  // Seconds of each kind, without what is counted for others inside.
  const std::map<std::string, double>& seconds() const { return seconds_; }

 private:
  friend class Span;
  void settle() {
    const auto now = Clock::now();
    if (!open_.empty()) {
      seconds_[open_.back()] += std::chrono::duration<double>(now - since_).count();
    }
    since_ = now;
  }
  void enter(const std::string& kind) {
    settle();
    open_.push_back(kind);
  }
  void leave() {
    settle();
    open_.pop_back();
  }

  std::map<std::string, double> seconds_;
  std::vector<std::string> open_;
  Clock::time_point since_;
};

}  // namespace etalon
