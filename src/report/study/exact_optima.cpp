#include "report/study/exact_optima.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "etalon/quadratic_workload.hpp"

namespace etalon {
namespace {

// A missing end is without bound.
bool holds_lr(const Optimum& optimum, double lr) {
  return (!optimum.lr_low || *optimum.lr_low <= lr) && (!optimum.lr_high || lr <= *optimum.lr_high);
}

bool is_held(const ExactOptimum& exact, const std::vector<Optimum>& optima) {
  return std::any_of(optima.begin(), optima.end(), [&](const Optimum& optimum) {
    return optimum.batch_size == static_cast<double>(exact.batch_size) &&
           holds_lr(optimum, exact.lr);
  });
}

}  // namespace

std::vector<ExactOptimum> exact_optima(const StudyResult& result) {
  const auto options = quadratic_options(result.workload.settings);
  if (!options) return {};
  const NoisyQuadratic model(parse_quadratic(options->model), options->momentum.value_or(0.0));
  std::vector<ExactOptimum> exact;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto b = static_cast<double>(batch_size);
    const auto steps = static_cast<double>(options->steps_at(batch_size));
    const double lr = model.best_lr(b, steps);
    exact.push_back({batch_size, lr, model.expected_loss(b, lr, steps)});
  }
  return exact;
}

std::string exact_sentence(const StudyResult& result, const std::vector<ExactOptimum>& exact) {
  if (exact.empty() || result.optima.empty()) return "";
  const auto held = std::count_if(exact.begin(), exact.end(), [&](const ExactOptimum& each) {
    return is_held(each, result.optima);
  });
  return fmt::format("The exact best η, in closed form, lies in {} of the {} intervals.", held,
                     result.optima.size());
}

}  // namespace etalon
