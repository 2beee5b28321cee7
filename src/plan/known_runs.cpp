#include "plan/known_runs.hpp"

#include <cmath>
#include <limits>

#include "optimum/loss_table.hpp"

namespace etalon {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

std::map<double, double> mean_losses_of(const LossTable& table) {
  std::map<double, double> losses;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    losses[table.lr(row)] = table.means()[row].value_or(kNone);
  }
  return losses;
}

}  // namespace

KnownRuns::KnownRuns(std::span<const Observation> all, std::span<const RunPoint> others) {
  for (const Observation& run : all) {
    run_.insert(run.lr);
    take({run.lr, run.seed.value_or(0)});
  }
  for (const RunPoint& run : others) take(run);
  if (all.empty()) return;
  contradictions_ = find_contradictions(all);
  const std::vector<Observation> trusted = without_contradictions(all);
  const LossTable table(trusted);
  losses_ = mean_losses_of(table);
  if (table.best()) best_ = table.lr(*table.best());
  for (const auto& [lr, loss] : losses_) {
    if (lr < ceiling() && std::isfinite(loss)) finished_.insert(lr);
  }
}

void KnownRuns::take(const RunPoint& run) {
  if (taken_.insert(run).second) ++counts_[run.lr];
}

double KnownRuns::ceiling() const {
  for (const auto& [lr, loss] : losses_) {
    if (std::isinf(loss)) return lr;
  }
  return kNone;
}

int KnownRuns::count(double lr) const {
  const auto found = counts_.find(lr);
  return found == counts_.end() ? 0 : found->second;
}

bool KnownRuns::is_any_between(double low, double high) const {
  const auto next = counts_.upper_bound(low);
  return next != counts_.end() && next->first < high;
}

}  // namespace etalon
