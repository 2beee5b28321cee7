#include "etalon/contradiction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/plain_number.hpp"

namespace etalon {
namespace {

struct RunsAtRate {
  double sum = 0.0;  // of the losses
  std::int64_t diverged = 0, runs = 0;

  bool finished() const { return diverged == 0; }
  double mean() const { return sum / static_cast<double>(runs); }
};

using RunsByRate = std::map<double, RunsAtRate>;

std::map<double, RunsByRate> group_by_rate(std::span<const Observation> observations) {
  std::map<double, RunsByRate> groups;
  for (const Observation& run : observations) {
    RunsAtRate& here = groups[run.batch_size][run.lr];
    ++here.runs;
    if (run.diverged()) {
      ++here.diverged;
    } else {
      here.sum += *run.loss;
    }
  }
  return groups;
}

// What lies a share of the way from the least mean loss to the greatest.
double loss_within(const RunsByRate& rates, double share) {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const auto& [lr, here] : rates) {
    if (!here.finished()) continue;
    least = std::min(least, here.mean());
    greatest = std::max(greatest, here.mean());
  }
  return least + share * (greatest - least);
}

// Next to the best of all it is enough to be good; else a network may be dead rather than diverged.
constexpr double kGood = 0.25;
constexpr double kFair = 0.5;

void find_contradictions_at(double batch_size, const RunsByRate& rates,
                            std::vector<Contradiction>& found) {
  const double good_loss = loss_within(rates, kGood), fair_loss = loss_within(rates, kFair);
  double most = fair_loss;  // what a loss above a divergence must not exceed
  for (auto rate = rates.begin(); rate != rates.end(); ++rate) {
    if (rate->second.finished()) {
      most = std::max(good_loss, std::min(fair_loss, rate->second.mean()));
      continue;
    }
    const auto good = std::find_if(std::next(rate), rates.end(), [&](const auto& above) {
      return above.second.finished() && above.second.mean() <= most;
    });
    if (good == rates.end()) continue;
    found.push_back({batch_size, rate->first, rate->second.diverged, rate->second.runs, good->first,
                     good->second.mean()});
  }
}

std::optional<double> lowest_if_diverged(const RunsByRate& rates) {
  const auto& [lr, runs] = *rates.begin();
  return runs.finished() ? std::nullopt : std::optional(lr);
}

}  // namespace

std::string Contradiction::finding() const {
  const std::string what =
      runs == 1 ? "diverged" : fmt::format("diverged in {} of {} runs", diverged, runs);
  return fmt::format(
      "at batch size {}, lr {} {} although lr {} above it ended with loss {}: it is not taken "
      "for a bound",
      plain_number(batch_size), rounded_number(diverged_lr, 3), what,
      rounded_number(finished_lr, 3), rounded_number(loss, 4));
}

std::string Contradiction::text() const {
  return fmt::format("{}; run {} again with another seed to see which is right", finding(),
                     rounded_number(diverged_lr, 3));
}

std::vector<Contradiction> find_contradictions(std::span<const Observation> observations) {
  std::vector<Contradiction> found;
  for (const auto& [batch_size, rates] : group_by_rate(observations)) {
    find_contradictions_at(batch_size, rates, found);
  }
  return found;
}

std::vector<Observation> without_contradictions(std::span<const Observation> observations) {
  std::set<std::pair<double, double>> left_out;
  for (const Contradiction& contradiction : find_contradictions(observations)) {
    left_out.insert({contradiction.batch_size, contradiction.diverged_lr});
  }
  std::vector<Observation> result;
  std::copy_if(observations.begin(), observations.end(), std::back_inserter(result),
               [&](const Observation& run) {
                 return !left_out.contains({run.batch_size, run.lr});
               });
  return result;
}

std::string BareDivergence::text() const {
  return fmt::format(
      "at batch size {}, lr {} diverged and none was run below it: run lower ones; until "
      "then a learning rate to use there is a guess, and lies below it",
      plain_number(batch_size), rounded_number(lr, 3));
}

std::vector<BareDivergence> find_bare_divergences(std::span<const Observation> observations) {
  std::vector<BareDivergence> found;
  for (const auto& [batch_size, rates] : group_by_rate(without_contradictions(observations))) {
    if (const auto lr = lowest_if_diverged(rates)) found.push_back({batch_size, *lr});
  }
  return found;
}

}  // namespace etalon
