// Learning rates as they act, where an optimizer's first steps are longer than its later ones: what
// batch sizes with few steps and with many have in common. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/optimum.hpp"

namespace etalon {

// 1 without a start.
double gain_at(const std::optional<UncorrectedStart>& start, double batch_size);

std::vector<Observation> acting(std::span<const Observation> observations,
                                const std::optional<UncorrectedStart>& start);
std::vector<LossBound> acting(std::span<const LossBound> bounds,
                              const std::optional<UncorrectedStart>& start);

std::vector<Optimum> acting(std::span<const Optimum> optima,
                            const std::optional<UncorrectedStart>& start);

// A forecast of learning rates as they act, told as they are set.
Forecast as_set(Forecast forecast, const std::optional<UncorrectedStart>& start);

}  // namespace etalon
