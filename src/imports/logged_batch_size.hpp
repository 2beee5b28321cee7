// How many examples each run's update averages over, to know which runs are to be compared.
#pragma once

#include <string>
#include <vector>

#include "imports/run_cells.hpp"
#include "runs/run_columns.hpp"

namespace etalon {

// By row; 0 where that is not known. Where runs of several tools tell it by other settings, each is
// asked for its own, and has the size as a setting `global_batch_size` from then on. `source` is
// where the runs are from, `example` the path of one of them. Throws InputError where nothing tells
// any, saying what might.
std::vector<double> batch_sizes_of(std::vector<Cells>& rows, const std::string& source,
                                   const std::string& example, const RequestedColumns& requested,
                                   const Say& say);

}  // namespace etalon
