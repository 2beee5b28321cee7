#include "program/ramp_log.hpp"

#include <algorithm>
#include <map>

#include "metrics/column_names.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostRampNames = 200;

std::optional<ColumnRole> meaning_of(const std::string& name) {
  const auto sense = sense_of(name);
  return sense ? std::optional(sense->role) : std::nullopt;
}

// The present value of a schedule before a setting's, and the likelier name before another.
int distance_from_rate(const std::string& name) {
  constexpr int kNamesOfBoth = 3;  // "lr", "learning_rate", "learningrate" are either
  const auto sense = sense_of(name);
  const bool may_be_setting = sense->role == ColumnRole::lr && sense->rank >= kNamesOfBoth;
  return may_be_setting ? 1 + sense->rank : sense->role == ColumnRole::logged_lr ? 1 : 0;
}

std::optional<double> value_in(const std::vector<NamedValue>& values, const std::string& name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const NamedValue& each) { return each.name == name; });
  return found == values.end() ? std::nullopt : std::optional(found->value);
}

}  // namespace

bool RampLog::is_rate(const std::string& name) const {
  if (!lr_.empty()) return same_metric(name, lr_);
  const auto role = meaning_of(name);
  return role == ColumnRole::lr || role == ColumnRole::logged_lr;
}

void RampLog::hear(std::span<const NamedValue> row) {
  Row heard;
  for (const NamedValue& each : row) {
    if (names_.size() < kMostRampNames) names_.insert(each.name);
    if (same_metric(each.name, loss_)) {
      heard.loss = each.value;
    } else if (is_rate(each.name)) {
      heard.rates.push_back(each);
    } else if (meaning_of(each.name) == ColumnRole::steps) {
      heard.step = each.value;
    }
  }
  has_loss_ = has_loss_ || heard.loss;
  if (heard.loss || !heard.rates.empty()) rows_.push_back(std::move(heard));
}

// Empty where there is none.
std::string RampLog::rising_rate() const {
  std::map<std::string, std::pair<double, bool>> seen;  // the first value, and whether it rose
  for (const Row& row : rows_) {
    for (const NamedValue& each : row.rates) {
      auto& [first, rises] = seen.try_emplace(each.name, each.value, false).first->second;
      rises = rises || each.value > first;
    }
  }
  std::string best;
  const auto key = [&](const std::string& name) {
    return std::pair(!seen.at(name).second, lr_.empty() ? distance_from_rate(name) : 0);
  };
  for (const auto& [name, course] : seen) {
    if (best.empty() || key(name) < key(best)) best = name;
  }
  return best;
}

std::vector<StepOfRamp> RampLog::steps() const {
  const std::string name = rising_rate();
  std::map<double, double> rate_at;
  for (const Row& row : rows_) {
    const auto rate = value_in(row.rates, name);
    if (rate && row.step) rate_at.try_emplace(*row.step, *rate);
  }
  std::vector<StepOfRamp> steps;
  double last = 0.0;
  for (const Row& row : rows_) {
    const auto own = value_in(row.rates, name);
    last = own.value_or(last);
    if (!row.loss) continue;
    const auto found = row.step ? rate_at.find(*row.step) : rate_at.end();
    const double lr = own ? *own : found != rate_at.end() ? found->second : row.step ? 0.0 : last;
    if (lr > 0.0) steps.push_back({lr, *row.loss});
  }
  return steps;
}

}  // namespace etalon
