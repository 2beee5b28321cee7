#include "etalon/quadratic_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/interval.hpp"
#include "core/number_text.hpp"
#include "etalon/bounds.hpp"
#include "quadratic/quadratic_run.hpp"

namespace etalon {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kMostQuadraticBudget = 1'000'000'000'000;

void check_budget(const char* field, std::int64_t value, double least) {
  check_in(field_name(field), static_cast<double>(value),
           {.least = least, .most = static_cast<double>(kMostQuadraticBudget)});
}

// Of MovedSettings a quadratic has the momentum alone.
double momentum_of(const TrialSpec& spec, const std::optional<double>& momentum) {
  MovedSettings others = spec.moved;
  others.momentum.reset();
  if (others.any()) {
    throw InputError("a trial moves what SGD on a quadratic does not have", field_name("rules"),
                     "leave out the rules that move more than the learning rate");
  }
  return spec.moved.momentum.value_or(momentum.value_or(0.0));
}

CurvePoint point_of(const QuadraticRun& run, std::int64_t batch_size) {
  CurvePoint point;
  point.step = run.steps();
  point.examples = run.steps() * batch_size;
  point.validation_loss = run.loss();
  return point;
}

// Whether a point of the curve is due after `step` of `steps` updates: `points` of them, evenly.
bool is_due(std::int64_t step, std::int64_t steps, std::int64_t points) {
  if (steps <= points || step == steps) return true;
  const double share = static_cast<double>(points) / static_cast<double>(steps);
  return std::floor(static_cast<double>(step) * share) >
         std::floor(static_cast<double>(step - 1) * share);
}

// From the start to the last update, or to where it is asked to stop or is no longer finite.
std::vector<CurvePoint> trained(QuadraticRun& run, std::int64_t batch_size,
                                const QuadraticOptions& options, TrialMonitor& monitor) {
  const std::int64_t steps = options.steps_at(batch_size);
  std::vector<CurvePoint> curve;
  const auto note = [&] {
    curve.push_back(point_of(run, batch_size));
    monitor.report(curve.back());
  };
  note();
  while (run.steps() < steps && std::isfinite(*curve.back().validation_loss) &&
         !monitor.should_stop()) {
    run.step();
    if (is_due(run.steps(), steps, options.points)) note();
  }
  return curve;
}

// What became of a trial whose curve and updates are known.
void conclude(TrialResult& result, std::int64_t steps) {
  const double start = *result.curve.front().validation_loss;
  const double loss = *result.curve.back().validation_loss;
  const bool is_over = result.steps == steps;
  if (!std::isfinite(loss) || (is_over && loss > start)) {
    result.state = TrialState::diverged;
    result.diverged_step = result.steps;
    return;
  }
  result.state = is_over ? TrialState::finished : TrialState::interrupted;
  if (is_over) result.objective = loss;
}

std::string setting_in(const Settings& settings, std::string_view name) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return setting.first == name; });
  return found == settings.end() ? "" : found->second;
}

}  // namespace

void QuadraticOptions::validate() const {
  if (momentum) check_in(field_name("momentum"), *momentum, kDecayCoefficient);
  check_budget("steps", budget_steps, 0.0);
  if (budget_steps == 0) check_budget("examples", budget_examples, 1.0);
  check_in("points", static_cast<double>(points), kAtLeastOne);
}

std::int64_t QuadraticOptions::steps_at(std::int64_t batch_size) const {
  return budget_steps > 0 ? budget_steps : budget_examples / batch_size;
}

QuadraticWorkload::QuadraticWorkload(QuadraticOptions options)
    : options_(std::move(options)),
      model_(parse_quadratic(options_.model), options_.momentum.value_or(0.0)) {
  options_.validate();
}

void QuadraticWorkload::check_batch_size(std::int64_t batch_size) const {
  etalon::check_batch_size(static_cast<double>(batch_size));
  if (options_.budget_steps > kMostQuadraticBudget / batch_size) {
    throw InputError("the budget is more than 1e12 examples", "", "lower it");
  }
  if (options_.steps_at(batch_size) > 0) return;
  throw InputError(fmt::format("the batch size is {}, but the budget is {} examples", batch_size,
                               options_.budget_examples),
                   "", "raise the budget or take a smaller batch size");
}

WorkloadInfo QuadraticWorkload::info() const {
  const char* optimizer = options_.momentum ? "momentum" : "sgd";
  WorkloadInfo info;
  info.name = fmt::format("{}, {}", options_.model, optimizer);
  info.objective_name = "loss";
  info.budget_steps = options_.budget_steps;
  if (info.budget_steps == 0) info.budget_examples = options_.budget_examples;
  info.settings = {
      {"model", options_.model},
      {"optimizer", optimizer},
      {"objective", "loss"},
      {"budget", info.budget_steps > 0 ? fmt::format("{} steps", info.budget_steps)
                                       : fmt::format("{} examples", info.budget_examples)}};
  if (options_.momentum)
    info.settings.emplace_back("momentum", fmt::format("{}", *options_.momentum));
  return info;
}

TrialResult QuadraticWorkload::run(const TrialSpec& spec, TrialMonitor& monitor) const {
  const auto begin = std::chrono::steady_clock::now();
  check_batch_size(spec.batch_size);
  QuadraticRun run(model_, spec, momentum_of(spec, options_.momentum));
  TrialResult result;
  result.curve = trained(run, spec.batch_size, options_, monitor);
  result.steps = run.steps();
  conclude(result, options_.steps_at(spec.batch_size));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  result.wall_seconds = spent.count();
  return result;
}

std::optional<QuadraticOptions> quadratic_options(const Settings& settings) {
  QuadraticOptions options;
  options.model = setting_in(settings, "model");
  if (!is_quadratic(options.model)) return std::nullopt;
  options.momentum = number_in<double>(setting_in(settings, "momentum"));
  const std::string budget = setting_in(settings, "budget");  // "65536 examples"
  const auto amount = number_in<std::int64_t>(budget.substr(0, budget.find(' ')));
  if (!amount) return std::nullopt;
  (budget.ends_with("steps") ? options.budget_steps : options.budget_examples) = *amount;
  return options;
}

}  // namespace etalon
