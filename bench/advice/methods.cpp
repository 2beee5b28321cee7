#include "advice/methods.hpp"

#include <algorithm>
#include <cmath>

#include "advice/saturating_fit.hpp"
#include "etalon/atlas.hpp"
#include "etalon/error.hpp"
#include "etalon/forecaster.hpp"

namespace etalon::bench {
namespace {

double nearest_size(const Case& task) {
  const auto distance = [&](double size) { return std::abs(std::log(size / task.target)); };
  return std::min_element(task.known.begin(), task.known.end(),
                          [&](const auto& a, const auto& b) {
                            return distance(a.first) < distance(b.first) - 1e-9;
                          })
      ->first;
}

OptimizerFamily optimizer_of(const Setting& setting) {
  const OptimizerInfo* info = find_optimizer(setting.optimizer);
  if (info) return info->family;
  return setting.update == UpdateKind::sgd ? OptimizerFamily::sgd : OptimizerFamily::adam;
}

Method rule(std::string name, double power) {
  return {std::move(name), [power](const Case& task) {
            const double base = nearest_size(task);
            const double optimum = parabola_optimum(LossCurve(task.known.at(base)));
            return Answer{optimum * std::pow(task.target / base, power), {}, {}};
          }};
}

// What a person with one known batch size could do: move its optimum as others' optima moved.
Method atlas_median(const std::string& left_out) {
  return {"atlas", [left_out](const Case& task) {
            const double base = nearest_size(task);
            AtlasQuery query{.kappa = task.target / base, .leave_out = left_out};
            query.optimizer = optimizer_of(*task.setting);
            query.budget = task.setting->budget;
            const auto spread = gather_evidence(atlas(), query).exponent;
            if (!spread) throw InputError("the atlas has no other source", "", "");
            const double optimum = parabola_optimum(LossCurve(task.known.at(base)));
            return Answer{optimum * std::pow(query.kappa, spread->median), {}, {}};
          }};
}

// With the prior of the exponent that `etalon fit` takes from the atlas, or without any.
template <class Model>
Method forecast(std::string name, const std::string& left_out, bool has_prior) {
  return {std::move(name), [left_out, has_prior](const Case& task) {
            std::vector<Observation> known;
            for (const auto& [size, runs] : task.known) {
              known.insert(known.end(), runs.begin(), runs.end());
            }
            AdviceOptions options{.update = task.setting->update, .start = task.setting->start};
            if (has_prior) {
              const ExponentBelief belief = believed_exponent(atlas(), optimizer_of(*task.setting),
                                                              task.setting->budget, left_out);
              options.exponent = {belief.mean, belief.deviation};
            }
            const Forecast answer = Model(known, options).forecast(task.target);
            return Answer{answer.lr, answer.lr_low, answer.lr_high};
          }};
}

}  // namespace

std::vector<Method> all_methods(const std::string& left_out) {
  return {rule("unchanged", 0.0),
          rule("sqrt", 0.5),
          rule("linear", 1.0),
          atlas_median(left_out),
          {"saturating fit",
           [](const Case& task) {
             return Answer{saturating_fit(task.known, task.target), {}, {}};
           }},
          forecast<Advisor>("surface alone", left_out, false),
          forecast<Forecaster>("without atlas", left_out, false),
          forecast<Forecaster>("etalon", left_out, true)};
}

}  // namespace etalon::bench
