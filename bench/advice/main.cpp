// advice_bench: how much loss a method's learning rates cost against the best that was measured.
//
//   advice_bench RUNS.csv... [--thin N] [--optimizer NAME]    measured sweeps
//   advice_bench                                             synthetic settings
//   advice_bench RUNS.csv --atlas-source NAME --atlas-url URL    its rows for the atlas
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "advice/atlas_pairs.hpp"
#include "advice/cases.hpp"
#include "advice/methods.hpp"
#include "advice/optuna_scores.hpp"
#include "advice/scores.hpp"
#include "advice/search.hpp"
#include "advice/setting.hpp"
#include "advice/synthetic.hpp"

namespace etalon::bench {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::string optimizer, optuna, leave_out;
  std::vector<std::string> group_by, tasks = {"extrapolate", "single", "interpolate", "search"};
  AtlasSource source;
  std::string recipes;
  bool holds_steps = false, each = false;
  RequestedColumns columns;
  int thin = 1;
  int count = 30;
  int stride = 1;
  std::uint64_t seed = 1;

  bool wants(std::string_view task) const {
    return std::find(tasks.begin(), tasks.end(), task) != tasks.end();
  }
};

struct Task {
  const char* name;
  const char* title;
  std::vector<Case> (*cases)(std::span<const Setting>, int);
};
constexpr Task kTasks[] = {{"extrapolate", "extrapolate 4 times or more", extrapolation_cases},
                           {"single", "from one batch size, 4 times or more", single_cases},
                           {"interpolate", "interpolate", interpolation_cases}};

// Scores families and keeps what it takes to say how methods do on all of them.
class Scorer {
 public:
  explicit Scorer(const Flags& flags)
      : flags_(flags), methods_(all_methods(flags.leave_out)), all_(std::size(kTasks)) {}

  void score(const Family& family, const std::string& file) {
    fmt::print("{}: {} settings\n", family.name, family.settings.size());
    for (std::size_t i = 0; i < std::size(kTasks); ++i) {
      if (!flags_.wants(kTasks[i].name)) continue;
      const std::vector<Case> cases = kTasks[i].cases(family.settings, flags_.thin);
      if (cases.empty()) continue;
      all_[i].push_back(score_methods(cases, methods_));
      print_scores(kTasks[i].title, all_[i].back());
      if (flags_.each) print_cases(cases, all_[i].back());
    }
    if (flags_.wants("search")) score_search(family, file);
    std::fflush(stdout);
  }

  void score_together() const {
    for (std::size_t i = 0; i < std::size(kTasks); ++i) {
      if (all_[i].size() < 2) continue;
      fmt::print("all of these\n");
      print_scores(kTasks[i].title, pooled(all_[i]));
    }
  }

 private:
  void score_search(const Family& family, const std::string& file) const {
    auto scores = search(family.settings, flags_.stride, flags_.thin);
    const int cases = scores.front().cases;
    if (cases == 0) return;
    if (!flags_.optuna.empty() && !file.empty()) {
      const OptunaRun run{flags_.optuna, file, flags_.group_by, flags_.stride};
      for (SearchScore& score : search_with_optuna(run)) scores.push_back(std::move(score));
    }
    fmt::print("  search: {} cases, mean regret after 1 to {} trials\n", cases, kTrials);
    for (const SearchScore& score : scores) {
      fmt::print("    {:<19}", score.method);
      for (const double regret : score.regrets) fmt::print(" {:>8.5f}", regret);
      fmt::print("\n");
    }
  }

  const Flags& flags_;
  const std::vector<Method> methods_;
  std::vector<std::vector<std::vector<Score>>> all_;  // by task and family
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("RUNS", flags.files, "CSV or JSON lines of runs; without any, synthetic settings");
  app.add_option("--batch-column", flags.columns.batch_size);
  app.add_option("--lr-column", flags.columns.lr);
  app.add_option("--loss-column", flags.columns.loss);
  app.add_option("--group-by", flags.group_by, "columns that together name a setting")
      ->delimiter(',');
  app.add_option("--optimizer", flags.optimizer, "whose priors, where a file has no column for it");
  app.add_option("--thin", flags.thin,
                 "what is known: every so many learning rates of a batch size, with one seed")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--each", flags.each, "also a line for each case");
  app.add_option("--leave-out", flags.leave_out,
                 "the source of the atlas that these files are, which method atlas goes without");
  app.add_option("--atlas-source", flags.source.name,
                 "print rows for the atlas, of the source of this name, and score nothing");
  app.add_option("--atlas-url", flags.source.url, "where that source is");
  app.add_option("--atlas-task", flags.source.task, "what it trains");
  app.add_option("--atlas-recipes", flags.recipes, "what whole recipes lost, of make_recipes.py");
  app.add_flag("--fixed-steps", flags.holds_steps,
               "its runs hold the number of steps, not of examples");
  app.add_option("--tasks", flags.tasks, "extrapolate, single, interpolate, search")
      ->delimiter(',');
  app.add_option("--optuna", flags.optuna, "a python that has optuna, to score its samplers too");
  app.add_option("--count", flags.count, "synthetic settings of each kind")->capture_default_str();
  app.add_option("--stride", flags.stride, "search only every so many cases")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", flags.seed, "of the synthetic settings")->capture_default_str();
}

std::vector<Family> families_of(const std::string& file, const Flags& flags) {
  std::vector<Family> families = read_families(file, flags.columns, flags.optimizer);
  for (Family& family : families) {
    for (Setting& setting : family.settings) {
      if (flags.holds_steps) setting.budget = HeldBudget::steps;
    }
  }
  return families;
}

void print_atlas_pairs(const Flags& flags) {
  const Recipes recipes = flags.recipes.empty() ? Recipes{} : read_recipes(flags.recipes);
  std::vector<AtlasPair> pairs;
  for (const std::string& file : flags.files) {
    for (const Family& family : families_of(file, flags)) {
      for (const Setting& setting : family.settings) {
        const std::vector<AtlasPair> more = atlas_pairs(setting, flags.source, recipes);
        pairs.insert(pairs.end(), more.begin(), more.end());
      }
    }
  }
  fmt::print("{}", write_atlas(pairs));
}

int run(int argc, char** argv) {
  CLI::App app("Scores methods that choose a learning rate at a batch size.");
  Flags flags;
  add_flags(app, flags);
  CLI11_PARSE(app, argc, argv);
  if (!flags.group_by.empty()) flags.columns.group_by = flags.group_by;
  if (!flags.source.name.empty()) {
    print_atlas_pairs(flags);
    return 0;
  }
  Scorer scorer(flags);
  for (const std::string& file : flags.files) {
    for (const Family& family : families_of(file, flags)) {
      scorer.score(family, file);
    }
  }
  if (flags.files.empty()) {
    scorer.score({"noisy quadratics", noisy_quadratics(flags.count, flags.seed)}, "");
    scorer.score({"rise and fall", rising_and_falling(flags.count, flags.seed)}, "");
  }
  scorer.score_together();
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
