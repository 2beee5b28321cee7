// What a program says of its metric while it runs: its curve, its last value, and whether it
// diverged.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "etalon/program.hpp"
#include "etalon/trial.hpp"
#include "metrics/metric_text.hpp"
#include "program/running_count.hpp"

namespace etalon {

// A metric by name, and what makes it a loss.
struct WatchedMetric {
  std::string name;
  MetricDirection direction = MetricDirection::minimize;
  std::optional<double> diverged_above{};  // times its first value; empty: only what is not finite
  bool is_maximized() const { return direction == MetricDirection::maximize; }
  // The value, or its negative where it is better the greater it is; and back.
  double to_loss(double value) const { return is_maximized() ? -value : value; }
};

// As the name says where `options.direction` does not.
WatchedMetric watch_metric(const ProgramOptions& options);
MetricDirection direction_of(const std::string& name);

// One attempt's. The step of a value is the last that was printed, counted over all epochs where
// the program begins anew in each; where none ever is, that of the examples, and where those are
// not either, it counts the values, and its point has no examples. Memory stays bounded: of a long
// curve every second point goes, and again.
class MetricWatch {
 public:
  // `may_begin_anew`: the program's steps and examples, in each epoch.
  MetricWatch(WatchedMetric metric, std::int64_t batch_size, bool may_begin_anew)
      : metric_(std::move(metric)),
        batch_size_(batch_size),
        may_begin_anew_(may_begin_anew),
        said_steps_(may_begin_anew),
        said_examples_(may_begin_anew) {}

  // One line's values; the point of the curve that they make, if any.
  std::optional<CurvePoint> hear(std::span<const NamedValue> values);

  std::optional<double> loss() const { return loss_; }  // the last one
  // The last loss is not finite, or lies beyond so many times a first one above 0 where it is
  // minimized; or it was never said and another loss is not finite.
  bool diverged() const;
  // Why, where it did: "above 10 times its first value 2.3 at step 40".
  std::string divergence_text() const;
  // The same twice in a row: it will not come back.
  bool is_lost() const { return bad_in_a_row_ >= 2; }
  std::int64_t steps() const;
  const std::set<std::string>& names() const { return names_; }  // all that were seen, up to 200
  std::vector<CurvePoint> take_curve();
  // Forgets everything: the source begins anew.
  void restart() { *this = MetricWatch(metric_, batch_size_, may_begin_anew_); }

 private:
  void note_epoch(std::span<const NamedValue> values);
  void note_value(const NamedValue& value);
  void note_name(const std::string& name);
  std::optional<CurvePoint> hear_loss(double loss);
  bool is_bad(double loss) const;
  void keep(const CurvePoint& point);

  WatchedMetric metric_;
  std::int64_t batch_size_;
  bool may_begin_anew_;
  RunningCount said_steps_, said_examples_;
  SaidEpoch epoch_;
  std::optional<double> first_, loss_, train_loss_;
  bool other_loss_is_bad_ = false;
  std::string other_loss_;  // that is not finite
  std::int64_t values_ = 0, bad_in_a_row_ = 0, bad_since_ = 0;
  std::set<std::string> names_;
  std::vector<CurvePoint> curve_;
  std::optional<CurvePoint> last_;  // of the curve, also where thinning left it out
  std::int64_t stride_ = 1;
};

}  // namespace etalon
