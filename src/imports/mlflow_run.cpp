#include "imports/mlflow_run.hpp"

#include <algorithm>

namespace etalon {
namespace {

bool stands_still(const LoggedCurve& curve) {
  return std::all_of(curve.begin(), curve.end(),
                     [&](const auto& point) { return point.step == curve.front().step; });
}

}  // namespace

bool is_deleted_in_mlflow(const std::string& lifecycle_stage) {
  return lifecycle_stage == "deleted";
}

void add_mlflow_tag(const std::string& key, const std::string& value, LoggedRun& run) {
  if (key == "mlflow.runName") run.set("run_name", value);
  if (!key.starts_with("mlflow.")) run.set("tags." + key, value);
}

void number_steps(LoggedRun& run) {
  for (auto& [name, curve] : run.curves) {
    if (curve.size() < 2 || !stands_still(curve)) continue;
    double step = 0.0;
    for (auto& point : curve) point.step = step++;
  }
}

}  // namespace etalon
