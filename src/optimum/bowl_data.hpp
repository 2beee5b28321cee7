// What a LossTable says of the bowl at its batch size. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "optimum/bowl_posterior.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {

// Rows that did not diverge, with the scatter of replicates near the best about their rows, seeds'
// effects taken out. `table.best()` must have a value.
BowlData bowl_data(const LossTable& table);

}  // namespace etalon
