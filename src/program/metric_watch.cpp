#include "program/metric_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "metrics/column_names.hpp"
#include "runs/metric.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostPoints = 1000;
constexpr std::size_t kMostNames = 200;

std::optional<ColumnRole> role_of(const std::string& name) {
  const auto sense = sense_of(name);
  return sense ? std::optional(sense->role) : std::nullopt;
}

bool is_a_loss(const std::string& name) {
  const auto sense = metric_sense_of(name);
  return sense && sense->mode == MetricMode::minimized;
}

std::int64_t whole(double value) {
  return std::isfinite(value) ? std::llround(std::clamp(value, 0.0, 1e15)) : 0;
}

}  // namespace

MetricDirection direction_of(const std::string& name) {
  const auto sense = metric_sense_of(name);
  const bool gains = sense && sense->mode == MetricMode::maximized;
  return gains ? MetricDirection::maximize : MetricDirection::minimize;
}

WatchedMetric watch_metric(const ProgramOptions& options) {
  return {options.metric, options.direction.value_or(direction_of(options.metric)),
          options.diverged_above};
}

std::optional<CurvePoint> MetricWatch::hear(std::span<const NamedValue> values) {
  note_epoch(values);
  std::optional<double> loss;
  for (const NamedValue& value : values) {
    note_name(value.name);
    if (same_metric(value.name, metric_.name)) {
      loss = metric_.to_loss(value.value);
    } else {
      note_value(value);
    }
  }
  return loss ? hear_loss(*loss) : std::nullopt;
}

std::int64_t MetricWatch::steps() const {
  if (said_steps_.is_said()) return said_steps_.total();
  if (!said_examples_.is_said()) return values_;
  return (said_examples_.total() + batch_size_ - 1) / batch_size_;
}

void MetricWatch::note_name(const std::string& name) {
  if (names_.size() < kMostNames) names_.insert(name);
}

// Wherever in the line it stands, it is the epoch of the line's step.
void MetricWatch::note_epoch(std::span<const NamedValue> values) {
  epoch_.is_beside = false;
  for (const NamedValue& value : values) {
    const bool is_metric = same_metric(value.name, metric_.name);
    if (is_metric || !std::isfinite(value.value)) continue;
    if (role_of(value.name) == ColumnRole::epochs) epoch_ = {value.value, true};
  }
}

void MetricWatch::note_value(const NamedValue& value) {
  const auto role = role_of(value.name);
  if (role == ColumnRole::steps) {
    said_steps_.say(whole(value.value), epoch_);
  } else if (role == ColumnRole::examples) {
    said_examples_.say(whole(value.value), epoch_);
  } else if (is_a_loss(value.name)) {
    other_loss_is_bad_ = !is_valid_loss(value.value);
    other_loss_ = value.name;
    if (is_valid_loss(value.value)) train_loss_ = value.value;
  }
}

std::optional<CurvePoint> MetricWatch::hear_loss(double loss) {
  ++values_;
  bad_in_a_row_ = is_bad(loss) ? bad_in_a_row_ + 1 : 0;
  if (bad_in_a_row_ == 1) bad_since_ = steps();
  loss_ = loss;
  if (!is_valid_loss(loss)) return std::nullopt;
  if (!first_) first_ = loss;
  CurvePoint point;
  point.step = steps();
  point.examples = said_examples_.total();
  if (point.examples == 0 && said_steps_.is_said()) point.examples = steps() * batch_size_;
  point.epoch = epoch_.value.value_or(0.0);
  point.train_loss = std::exchange(train_loss_, {});
  point.validation_loss = loss;
  keep(point);
  return point;
}

bool MetricWatch::is_bad(double loss) const {
  if (!is_valid_loss(loss)) return true;
  const bool has_ceiling =
      metric_.diverged_above && !metric_.is_maximized() && first_ && *first_ > 0;
  return has_ceiling && loss > *metric_.diverged_above * *first_;
}

bool MetricWatch::diverged() const { return loss_ ? is_bad(*loss_) : other_loss_is_bad_; }

std::string MetricWatch::divergence_text() const {
  if (!diverged()) return "";
  if (!loss_) return fmt::format("{} is not finite", shortened(other_loss_));
  if (!std::isfinite(*loss_)) return fmt::format("not finite at step {}", bad_since_);
  if (!is_valid_loss(*loss_)) {
    return fmt::format("{}, which is no loss, at step {}", rounded_number(*loss_, 4), bad_since_);
  }
  return fmt::format("above {} times its first value {} at step {}",
                     rounded_number(*metric_.diverged_above, 6), rounded_number(*first_, 4),
                     bad_since_);
}

void MetricWatch::keep(const CurvePoint& point) {
  last_ = point;
  if (values_ % stride_ != 0) return;
  curve_.push_back(point);
  if (curve_.size() < kMostPoints) return;
  std::size_t kept = 0;
  for (std::size_t i = 1; i < curve_.size(); i += 2) curve_[kept++] = curve_[i];
  curve_.resize(kept);
  stride_ *= 2;
}

std::vector<CurvePoint> MetricWatch::take_curve() {
  if (last_ && (curve_.empty() || curve_.back() != *last_)) curve_.push_back(*last_);
  return std::move(curve_);
}

}  // namespace etalon
