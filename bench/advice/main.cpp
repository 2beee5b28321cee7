// advice_bench: how much loss a method's learning rates cost against the best that was measured.
//
//   advice_bench RUNS.csv [--optuna /usr/bin/python3]    measured sweeps
//   advice_bench                                        synthetic settings
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "advice/extrapolate.hpp"
#include "advice/loss_curve.hpp"
#include "advice/search.hpp"
#include "advice/synthetic.hpp"
#include "etalon/error.hpp"
#include "runs/run_groups.hpp"

namespace etalon::bench {
namespace {

struct Flags {
  std::string runs, optuna, script = ETALON_OPTUNA_SCRIPT;
  RequestedColumns columns;
  bool is_sgd = false;
  int count = 30;
  int stride = 1;
  std::uint64_t seed = 1;
};

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

void print_extrapolation(std::span<const Setting> settings, UpdateKind update) {
  const auto scores = extrapolate(settings, update);
  fmt::print("  extrapolate, {} cases: regret in loss\n", scores.front().regrets.size());
  fmt::print("  {:<21} {:>8} {:>8} {:>8}   {}\n", "method", "mean", "p90", "worst",
             "80% intervals");
  for (const ExtrapolationScore& score : scores) {
    const auto& regrets = score.regrets;
    if (regrets.empty()) continue;
    fmt::print("  {:<21} {:>8.4f} {:>8.4f} {:>8.4f}", score.method, mean(regrets),
               quantile(regrets, 0.9), *std::max_element(regrets.begin(), regrets.end()));
    if (score.held >= 0) {
      fmt::print("   hold {} of 100", 100 * score.held / static_cast<int>(regrets.size()));
    }
    fmt::print("\n");
  }
}

// The same task for Optuna's samplers, from its script: "name,r1,...,r5" a line.
std::vector<SearchScore> search_with_optuna(const Flags& flags) {
  const std::string command = fmt::format("'{}' '{}' '{}' --stride {}", flags.optuna, flags.script,
                                          flags.runs, flags.stride);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<SearchScore> scores;
  std::array<char, 4096> line{};
  while (pipe && std::fgets(line.data(), static_cast<int>(line.size()), pipe.get())) {
    std::istringstream fields(line.data());
    SearchScore& score = scores.emplace_back();
    std::getline(fields, score.method, ',');
    std::string field;
    for (double& regret : score.regrets) {
      if (std::getline(fields, field, ',')) regret = std::stod(field);
    }
  }
  return scores;
}

void print_search(std::span<const Setting> settings, const Flags& flags, UpdateKind update) {
  auto scores = search(settings, update, flags.stride);
  const int cases = scores.front().cases;
  if (!flags.optuna.empty() && !flags.runs.empty()) {
    for (SearchScore& score : search_with_optuna(flags)) scores.push_back(std::move(score));
  }
  fmt::print("  search, {} cases: mean regret in loss after 1 to {} trials\n", cases, kTrials);
  for (const SearchScore& score : scores) {
    fmt::print("  {:<21}", score.method);
    for (const double regret : score.regrets) fmt::print(" {:>8.5f}", regret);
    fmt::print("\n");
  }
}

std::vector<Setting> load(const Flags& flags) {
  const Table table = read_table(std::filesystem::path(flags.runs));
  const GuessedColumns guessed = guess_columns(table, flags.columns);
  for (const std::string& guess : guessed.guesses) fmt::print(stderr, "{}\n", guess);
  std::vector<Setting> settings;
  const GroupedRuns grouped = group_runs(table, guessed.columns);
  for (const RunGroup& group : grouped.groups) {
    Setting& setting = settings.emplace_back();
    for (const auto& [column, value] : group.key) {
      setting.name += fmt::format("{}={} ", column, value);
    }
    for (const Observation& run : group.observations) setting.runs[run.batch_size].push_back(run);
  }
  return settings;
}

void score(std::string_view title, std::span<const Setting> settings, const Flags& flags,
           UpdateKind update) {
  fmt::print("{}\n", title);
  print_extrapolation(settings, update);
  print_search(settings, flags, update);
}

int run(int argc, char** argv) {
  CLI::App app("Scores methods that choose a learning rate at a batch size.");
  Flags flags;
  app.add_option("RUNS", flags.runs, "CSV or JSON lines of runs; without it, synthetic settings");
  app.add_option("--batch-column", flags.columns.batch_size);
  app.add_option("--lr-column", flags.columns.lr);
  app.add_option("--loss-column", flags.columns.loss);
  app.add_option("--group-by", flags.columns.group_by)->delimiter(',');
  app.add_flag("--sgd", flags.is_sgd, "priors of SGD; otherwise those of Adam");
  app.add_option("--optuna", flags.optuna, "a python that has optuna, to score its samplers too");
  app.add_option("--count", flags.count, "synthetic settings of each kind")->capture_default_str();
  app.add_option("--stride", flags.stride, "search only every so many cases")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.seed, "of the synthetic settings")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!flags.runs.empty()) {
    score(flags.runs, load(flags), flags, flags.is_sgd ? UpdateKind::sgd : UpdateKind::adaptive);
    return 0;
  }
  score("noisy quadratics", noisy_quadratics(flags.count, flags.seed), flags, UpdateKind::sgd);
  score("rise and fall", rising_and_falling(flags.count, flags.seed), flags, UpdateKind::adaptive);
  return 0;
}

}  // namespace
}  // namespace etalon::bench

int main(int argc, char** argv) {
  try {
    return etalon::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "advice_bench: {}\n", error.what());
    return 1;
  }
}
