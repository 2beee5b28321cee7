#include "campaign/curve_board.hpp"

#include <algorithm>

namespace etalon {
namespace {

constexpr double kLook = 0.01;  // share of the budget from one look at a trial to the next

}  // namespace

TrialCurve& CurveBoard::curve_of(const TrialRecord& record) {
  BatchSize& here = batch_sizes_[record.spec.batch_size];
  const auto [place, is_new] = here.places.try_emplace(record.id, here.curves.size());
  if (is_new) {
    here.curves.emplace_back(record.spec.lr);
    here.judged_at.push_back(0.0);
  }
  return here.curves[place->second];
}

void CurveBoard::restore(const TrialRecord& record) {
  begin(record);
  TrialCurve& curve = curve_of(record);
  for (const CurvePoint& point : record.result.curve) curve.add(point);
  curve.end(record.result.state, record.result.objective);
}

void CurveBoard::begin(const TrialRecord& record) {
  curve_of(record) = TrialCurve(record.spec.lr);
  BatchSize& here = batch_sizes_.at(record.spec.batch_size);
  here.judged_at[here.places.at(record.id)] = 0.0;
}

void CurveBoard::hear(const TrialRecord& record, const CurvePoint& point) {
  curve_of(record).add(point);
}

std::optional<Pruning> CurveBoard::judge(const TrialRecord& record, const PruningOptions& options) {
  BatchSize& here = batch_sizes_.at(record.spec.batch_size);
  const std::size_t place = here.places.at(record.id);
  const double last = here.curves[place].last(), since = here.judged_at[place];
  const auto budget = budget_of(here.curves);
  if (!budget || last < since + kLook * *budget) return std::nullopt;
  here.judged_at[place] = last;
  return find_pruning(here.curves, place, options, since);
}

const std::vector<CurvePoint>& CurveBoard::curve(const TrialRecord& record) const {
  const BatchSize& here = batch_sizes_.at(record.spec.batch_size);
  return here.curves[here.places.at(record.id)].points();
}

double CurveBoard::share(const TrialRecord& record) const {
  const BatchSize& here = batch_sizes_.at(record.spec.batch_size);
  const auto budget = budget_of(here.curves);
  if (!budget) return 1.0;
  return std::clamp(here.curves[here.places.at(record.id)].last() / *budget, 0.0, 1.0);
}

}  // namespace etalon
