#include "imports/log_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "imports/log_counters.hpp"

namespace etalon {
namespace {

constexpr std::string_view kConfigPrefix = "config/";

// Some tools pad their columns.
std::string_view unpadded(std::string_view name) {
  const std::size_t begin = std::min(name.find_first_not_of(" \t"), name.size());
  return name.substr(begin, name.find_last_not_of(" \t") + 1 - begin);
}

void set_from_row(std::string_view name, double value, LoggedRun& run) {
  std::string setting(name.substr(kConfigPrefix.size()));
  std::replace(setting.begin(), setting.end(), '/', '.');
  run.set(setting, fmt::format("{}", value));
}

}  // namespace

void LogRows::hear(std::span<const NamedValue> row) {
  ++rows_;
  const auto counter = counter_of(row);
  const bool counts = counter && counter->rank <= rank_;
  if (counts) {
    if (counter->rank < rank_) greatest_ = kNone;
    rank_ = counter->rank;
    position_ = counted_on(counter->value, row);
  } else if (!counter && rank_ == std::numeric_limits<int>::max()) {
    position_ = rows_;
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (counts && i == counter->column && !counter->is_epoch) continue;
    const std::string_view name = unpadded(row[i].name);
    if (name.starts_with(kConfigPrefix)) {
      set_from_row(name, row[i].value, run_);
    } else {
      run_.log(name, position_, row[i].value);
    }
  }
}

double LogRows::counted_on(double step, std::span<const NamedValue> row) {
  const auto epoch = epoch_of(row);
  if (epoch && *epoch > epoch_ && step < greatest_) begin_epoch(step);
  if (step > greatest_) gap_ = step - greatest_;
  greatest_ = step < greatest_ ? greatest_ : step;  // a step after none is the greatest
  if (epoch) epoch_ = *epoch;
  return before_ + step;
}

// The epoch's first step is the one after the last.
void LogRows::begin_epoch(double step) {
  before_ += greatest_ + gap_ - step;
  greatest_ = kNone;
}

}  // namespace etalon
