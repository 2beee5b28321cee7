// A chart that was exported from W&B as CSV, wide:
//
//   "Step","RUN - METRIC","RUN - METRIC__MIN","RUN - METRIC__MAX",...
//
// A column is a curve, and the columns of a run are one run of that name, in the directory of the
// file: so charts of several metrics, exported beside each other, are put together. The least and
// the greatest of what a point stands for are left out.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_wandb_chart(const std::filesystem::path& file);
void read_wandb_chart(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
