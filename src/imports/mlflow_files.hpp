// Runs of MLflow's file store, a directory each:
//
//   meta.yaml        run_id, status, lifecycle_stage, run_name
//   metrics/KEY      a line a value: milliseconds, value, step; before 1.0 without the step
//   params/KEY       the value
//   tags/KEY         the value
//
// A '/' of a key makes directories. The directory above is the experiment's, with a meta.yaml too.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_mlflow_run(const std::filesystem::path& file);
void read_mlflow_run(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
