// Posterior bowls of several batch sizes of one setting. What the others say of the bowl's two
// rates and of the noise is each one's prior, as far as they agree: a trend in ln B and a scatter
// about it, whose size is found by its evidence (empirical Bayes). Where batch sizes differ in
// shape, the scatter is large and little is shared. Pure.
#pragma once

#include <span>
#include <vector>

#include "optimum/bowl_posterior.hpp"

namespace etalon {

// One posterior each; `log_batch_sizes` are as many.
std::vector<BowlPosterior> fit_bowls(std::span<const BowlData> data,
                                     std::span<const double> log_batch_sizes);

}  // namespace etalon
