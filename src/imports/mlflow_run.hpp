// What MLflow's two stores have in common.
//
// Parameters are settings of their own names; a run's and an experiment's name are the settings
// "run_name" and "experiment", a tag that is not MLflow's own is "tags.NAME". Runs that were
// deleted in MLflow are none.
#pragma once

#include <string>

#include "imports/logged_run.hpp"

namespace etalon {

bool is_deleted_in_mlflow(const std::string& lifecycle_stage);

void add_mlflow_tag(const std::string& key, const std::string& value, LoggedRun& run);

// MLflow's step is 0 where a script says none: of a curve that stands still, points get the steps
// 0, 1, ... in their order.
void number_steps(LoggedRun& run);

}  // namespace etalon
