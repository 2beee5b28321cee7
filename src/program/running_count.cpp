#include "program/running_count.hpp"

#include <algorithm>

namespace etalon {

// After 0 to 9 ten are done, so that the next 0 is 10.
void RunningCount::say(std::int64_t count, const SaidEpoch& epoch) {
  if (begins_anew(count, epoch)) before_ = total() + (count == 0 ? 1 : 0);
  last_ = count;
  if (!first_) first_ = count;
  if (epoch.value) epoch_ = std::max(*epoch.value, epoch_.value_or(*epoch.value));
}

bool RunningCount::begins_anew(std::int64_t count, const SaidEpoch& epoch) const {
  if (!may_begin_anew_ || !first_ || count > last_) return false;
  if (!epoch.value) return count < last_ && count <= *first_;
  if (count < last_) return !epoch_ || *epoch.value > *epoch_;
  return epoch.is_beside && epoch_ && *epoch.value >= *epoch_ + 1.0;
}

}  // namespace etalon
