// What a program says, step by step, of a learning rate that rises while it runs: which loss
// belongs to which rate. One thread at a time.
//
// A loss and a rate belong together in one row; else where their rows name the same step, as event
// files have them; else a loss belongs to the rate that was said last.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

struct StepOfRamp {
  double lr = 0.0;
  double loss = 0.0;  // may be not finite
};

class RampLog {
 public:
  // `loss` and `lr` by name; `lr` empty: any name of a learning rate, the first that rises.
  RampLog(std::string loss, std::string lr) : loss_(std::move(loss)), lr_(std::move(lr)) {}

  void hear(std::span<const NamedValue> row);
  // In the order in which they were said; those without a rate above 0 are left out.
  std::vector<StepOfRamp> steps() const;
  bool has_loss() const { return has_loss_; }
  const std::set<std::string>& names() const { return names_; }

 private:
  struct Row {
    std::optional<double> step, loss;
    std::vector<NamedValue> rates;
  };
  bool is_rate(const std::string& name) const;
  std::string rising_rate() const;

  std::string loss_, lr_;
  std::vector<Row> rows_;
  std::set<std::string> names_;
  bool has_loss_ = false;
};

}  // namespace etalon
