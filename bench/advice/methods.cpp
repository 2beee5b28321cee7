#include "advice/methods.hpp"

#include <algorithm>
#include <cmath>

#include "advice/saturating_fit.hpp"
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

template <class Model>
Answer forecast(const Case& task) {
  std::vector<Observation> known;
  for (const auto& [size, runs] : task.known) known.insert(known.end(), runs.begin(), runs.end());
  const Forecast answer = Model(known, {.update = task.setting->update}).forecast(task.target);
  return {answer.lr, answer.lr_low, answer.lr_high};
}

}  // namespace

std::vector<Method> all_methods() {
  return {rule("unchanged", 0.0),
          rule("sqrt", 0.5),
          rule("linear", 1.0),
          {"saturating fit",
           [](const Case& task) {
             return Answer{saturating_fit(task.known, task.target), {}, {}};
           }},
          {"surface alone", forecast<Advisor>},
          {"etalon", forecast<Forecaster>}};
}

}  // namespace etalon::bench
