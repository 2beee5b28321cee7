#include "report/study/exact_optima.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/quadratic_workload.hpp"
#include "etalon/target.hpp"

namespace etalon {
namespace {

// A missing end is without bound.
bool holds_lr(const Optimum& optimum, double lr) {
  return (!optimum.lr_low || *optimum.lr_low <= lr) && (!optimum.lr_high || lr <= *optimum.lr_high);
}

bool has_optimum_at(const std::vector<Optimum>& optima, std::int64_t batch_size) {
  return std::any_of(optima.begin(), optima.end(), [&](const Optimum& optimum) {
    return optimum.batch_size == static_cast<double>(batch_size);
  });
}

bool is_held(const ExactOptimum& exact, const std::vector<Optimum>& optima) {
  return std::any_of(optima.begin(), optima.end(), [&](const Optimum& optimum) {
    return optimum.batch_size == static_cast<double>(exact.batch_size) &&
           holds_lr(optimum, exact.lr);
  });
}

NoisyQuadratic model_of(const QuadraticOptions& options) {
  return NoisyQuadratic(parse_quadratic(options.model), options.momentum.value_or(0.0));
}

std::optional<ExactOptimum> exact_end(const QuadraticOptions& options, std::int64_t batch_size) {
  const NoisyQuadratic model = model_of(options);
  const auto b = static_cast<double>(batch_size);
  const auto steps = static_cast<double>(options.steps_at(batch_size));
  const double lr = model.best_lr(b, steps);
  return ExactOptimum{batch_size, lr, model.expected_loss(b, lr, steps)};
}

// Nothing where the start is at the target already, or the budget ends before.
std::optional<ExactOptimum> exact_arrival(const QuadraticOptions& options, const Target& target,
                                          std::int64_t batch_size) {
  const auto fewest =
      model_of(options).fewest_steps(static_cast<double>(batch_size), target.loss.value_or(0.0));
  if (!fewest || fewest->steps > static_cast<double>(options.steps_at(batch_size))) {
    return std::nullopt;
  }
  return ExactOptimum{batch_size, fewest->lr, std::log(fewest->steps)};
}

}  // namespace

std::vector<ExactOptimum> exact_optima(const StudyResult& result) {
  const auto options = quadratic_options(result.workload.settings);
  if (!options) return {};
  const auto target = target_of(result.workload.settings);
  std::vector<ExactOptimum> exact;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto each =
        target ? exact_arrival(*options, *target, batch_size) : exact_end(*options, batch_size);
    if (each) exact.push_back(*each);
  }
  return exact;
}

std::optional<double> exact_critical_batch_size(const StudyResult& result) {
  const auto options = quadratic_options(result.workload.settings);
  const auto target = target_of(result.workload.settings);
  if (!options || !target || !target->loss) return std::nullopt;
  return model_of(*options).critical_batch_size(*target->loss);
}

std::string exact_sentence(const StudyResult& result, const std::vector<ExactOptimum>& exact) {
  if (exact.empty() || result.optima.empty()) return "";
  const auto held = std::count_if(exact.begin(), exact.end(), [&](const ExactOptimum& each) {
    return is_held(each, result.optima);
  });
  const auto compared = std::count_if(exact.begin(), exact.end(), [&](const ExactOptimum& each) {
    return has_optimum_at(result.optima, each.batch_size);
  });
  return fmt::format("The exact best η, in closed form, lies in {} of the {} intervals.", held,
                     compared);
}

}  // namespace etalon
