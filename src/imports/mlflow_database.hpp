// Runs of MLflow's database store, mlflow.db: run by run in the order in which they were begun,
// each named by its id.
//
// SQL cannot hold a NaN, which is marked (is_nan), nor an infinity, for which the largest double
// stands.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_mlflow_database(const std::filesystem::path& file);
void read_mlflow_database(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
