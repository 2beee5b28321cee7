#include "advice/scores.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <numeric>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "runs/run_on_all_processors.hpp"

namespace etalon::bench {
namespace {

using Binomial = boost::math::binomial_distribution<double>;

constexpr double kTail = 0.025;  // of the interval of a coverage, on either side

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double probability) {
  std::sort(values.begin(), values.end());
  const double at = probability * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
}

// In percent, with the interval of Clopper and Pearson (1934).
std::string coverage_text(int held, int cases) {
  const double low = Binomial::find_lower_bound_on_p(cases, held, kTail);
  const double high = Binomial::find_upper_bound_on_p(cases, held, kTail);
  return fmt::format("{:3.0f} [{:.0f}, {:.0f}]", 100.0 * held / cases, 100.0 * low, 100.0 * high);
}

// Of how much more than `reference` a method loses in the mean over cases, at 95%: means of cases
// drawn again with repeats (Efron 1979).
std::string excess_text(const Score& score, const Score& reference) {
  constexpr int kDraws = 4000;
  std::vector<double> excess = score.regrets;
  for (std::size_t i = 0; i < excess.size(); ++i) excess[i] -= reference.regrets[i];
  RandomStream stream(1, "scores.excess");
  std::vector<double> means(kDraws, 0.0);
  for (double& drawn : means) {
    for (std::size_t i = 0; i < excess.size(); ++i)
      drawn += excess[stream.below(static_cast<std::uint32_t>(excess.size()))];
    drawn /= static_cast<double>(excess.size());
  }
  return fmt::format("{:+.4f} [{:+.4f}, {:+.4f}]", mean(excess), quantile(means, kTail),
                     quantile(means, 1.0 - kTail));
}

// What each method says of one case; empty: it refuses.
std::vector<std::optional<Answer>> answers(const Case& task, std::span<const Method> methods) {
  std::vector<std::optional<Answer>> given;
  for (const Method& method : methods) {
    try {
      given.emplace_back(method.advise(task));
    } catch (const InputError&) {
      given.emplace_back();
    }
  }
  return given;
}

void add(const Case& task, const Answer& answer, Score& score) {
  score.regrets.push_back(task.truth.regret(answer.lr));
  score.answers.push_back(answer);
  if (task.truth.is_best_at_edge()) return;
  score.biases.push_back(std::log2(answer.lr / parabola_optimum(task.truth)));
  if (!answer.lr_low || !answer.lr_high) return;
  const double best = task.truth.best_lr();
  score.widths.push_back(std::log2(*answer.lr_high / *answer.lr_low));
  score.held += *answer.lr_low <= best && best <= *answer.lr_high;
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

std::vector<Score> score_methods(std::span<const Case> cases, std::span<const Method> methods) {
  std::vector<std::vector<std::optional<Answer>>> all(cases.size());
  run_on_all_processors(cases.size(), [&](std::size_t i) { all[i] = answers(cases[i], methods); });
  std::vector<Score> scores(methods.size());
  for (std::size_t k = 0; k < methods.size(); ++k) {
    scores[k].method = methods[k].name;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      scores[k].refused += !all[i][k];
      add(cases[i], all[i][k] ? *all[i][k] : all[i].front().value(), scores[k]);
    }
  }
  return scores;
}

void print_scores(const std::string& task, std::span<const Score> scores) {
  if (scores.empty() || scores.front().regrets.empty()) return;
  fmt::print("  {}: {} cases, {} with the optimum inside\n", task, scores.front().regrets.size(),
             scores.front().biases.size());
  fmt::print("    {:<15} {:>8} {:>8} {:>8}  {:<26} {:>6}  {:<14} {:>6}\n", "regret of", "mean",
             "p90", "worst", "more than the last", "bias", "80% hold", "width");
  for (const Score& score : scores) {
    const auto& regrets = score.regrets;
    fmt::print("    {:<15} {:>8.4f} {:>8.4f} {:>8.4f}", score.method, mean(regrets),
               quantile(regrets, 0.9), *std::max_element(regrets.begin(), regrets.end()));
    const bool is_last = &score == &scores.back();
    fmt::print("  {:<26}", is_last ? "" : excess_text(score, scores.back()));
    if (!score.biases.empty()) fmt::print(" {:>+6.2f}", mean(score.biases));
    if (!score.widths.empty()) {
      fmt::print("  {:<14} {:>6.2f}",
                 coverage_text(score.held, static_cast<int>(score.widths.size())),
                 quantile(score.widths, 0.5));
    }
    if (score.refused > 0) fmt::print("  no answer to {}", score.refused);
    fmt::print("\n");
  }
}

void print_cases(std::span<const Case> cases, std::span<const Score> scores) {
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& task = cases[i];
    fmt::print("    {}, {:g} to {:g} known, at {:g}: best {:.3g}", task.setting->name,
               task.known.begin()->first, task.known.rbegin()->first, task.target,
               parabola_optimum(task.truth));
    for (const Score& score : scores) {
      const Answer& answer = score.answers[i];
      fmt::print("; {} {:.3g}", score.method, answer.lr);
      if (answer.lr_low) fmt::print(" ({:.3g} to {:.3g})", *answer.lr_low, *answer.lr_high);
      fmt::print(" {:.4f}", score.regrets[i]);
    }
    fmt::print("\n");
  }
}

std::vector<Score> pooled(std::span<const std::vector<Score>> families) {
  std::vector<Score> all;
  for (const std::vector<Score>& family : families) {
    if (all.empty()) all.resize(family.size());
    for (std::size_t k = 0; k < family.size(); ++k) {
      all[k].method = family[k].method;
      append(all[k].regrets, family[k].regrets);
      append(all[k].biases, family[k].biases);
      append(all[k].widths, family[k].widths);
      all[k].held += family[k].held;
      all[k].refused += family[k].refused;
    }
  }
  return all;
}

}  // namespace etalon::bench
