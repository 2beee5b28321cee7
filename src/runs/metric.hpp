// The column that runs are compared by: a loss, or a metric that is better the greater it is, such
// as an accuracy, which becomes a loss. Values only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runs/table.hpp"

namespace etalon {

enum class MetricMode { minimized, maximized };

struct Metric {
  std::string column;
  MetricMode mode = MetricMode::minimized;
  // Loss = best - value where it is maximized: 1 for a share, 100 for a percentage, else 0.
  double best = 0.0;

  bool is_maximized() const { return mode == MetricMode::maximized; }
  double to_loss(double value) const { return is_maximized() ? best - value : value; }
  double to_value(double loss) const { return is_maximized() ? best - loss : loss; }
  // "1 - val_accuracy".
  std::string loss_text() const;
};

// What a name says: whether the greater is the better, and how likely it is the one that runs are
// to be compared by, the least `rank` first: held-out before others before training, losses before
// metrics. None for a name that is no metric's.
struct MetricSense {
  MetricMode mode = MetricMode::minimized;
  int rank = 0;
  bool is_bounded = false;  // of one that is maximized: it is a share, or a percentage
};
std::optional<MetricSense> metric_sense_of(std::string_view name);

// The bound of a metric that is maximized, told from its name and its values: 1 of a share, 100 of
// a percentage, else 0.
double bound_of(std::string_view metric, std::span<const double> values);

// 0 for what is measured on data held out for validation, 1 for test, 2 for neither, 3 for
// training.
int held_out_rank_of(std::string_view name);

// Which way a column is better: as asked for, else as its name says, else minimized.
Metric make_metric(const Table& table, const std::string& column,
                   std::optional<MetricMode> requested);

}  // namespace etalon
