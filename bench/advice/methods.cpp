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
            const OptimizerInfo* info = find_optimizer(task.setting->optimizer);
            const bool is_sgd = task.setting->update == UpdateKind::sgd;
            query.optimizer = info     ? info->family
                              : is_sgd ? OptimizerFamily::sgd
                                       : OptimizerFamily::adam;
            const auto spread = gather_evidence(atlas(), query).exponent;
            if (!spread) throw InputError("the atlas has no other source", "", "");
            const double optimum = parabola_optimum(LossCurve(task.known.at(base)));
            return Answer{optimum * std::pow(query.kappa, spread->median), {}, {}};
          }};
}

template <class Model>
Answer forecast(const Case& task) {
  std::vector<Observation> known;
  for (const auto& [size, runs] : task.known) known.insert(known.end(), runs.begin(), runs.end());
  const Forecast answer = Model(known, {.update = task.setting->update}).forecast(task.target);
  return {answer.lr, answer.lr_low, answer.lr_high};
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
          {"surface alone", forecast<Advisor>},
          {"etalon", forecast<Forecaster>}};
}

}  // namespace etalon::bench
