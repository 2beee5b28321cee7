// A count of steps or examples that a program may begin anew in each epoch, as one over all epochs:
// 30, 60, 90, 30, 60 is 30, 60, 90, 120, 150. Never throws.
#pragma once

#include <cstdint>
#include <optional>

namespace etalon {

// The last epoch that was said, and whether that was along with the count.
struct SaidEpoch {
  std::optional<double> value{};
  bool is_beside = false;
};

class RunningCount {
 public:
  explicit RunningCount(bool may_begin_anew) : may_begin_anew_(may_begin_anew) {}

  // `count` >= 0. It begins anew where it does not rise though the epoch does, or, of a program
  // that says no epochs, where it falls to its first value or below. What is said late of an epoch
  // that is over (on the other stream) begins nothing.
  void say(std::int64_t count, const SaidEpoch& epoch);

  bool is_said() const { return first_.has_value(); }
  std::int64_t total() const { return before_ + last_; }

 private:
  bool begins_anew(std::int64_t count, const SaidEpoch& epoch) const;

  bool may_begin_anew_;
  std::int64_t before_ = 0, last_ = 0;  // of the epochs before; in this one
  std::optional<std::int64_t> first_;
  std::optional<double> epoch_;  // the furthest that a count was said in
};

}  // namespace etalon
