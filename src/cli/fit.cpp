// etalon fit: the laws behind a file of runs, and learning rates at batch sizes with no runs.
#include <fmt/format.h>

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "core/atomic_file.hpp"
#include "report/fit/fit_output.hpp"
#include "report/fit/fit_page.hpp"
#include "runs/group_fit.hpp"
#include "runs/study_runs.hpp"

namespace etalon::cli {
namespace {

constexpr int kBandPoints = 33;

struct FitFlags {
  std::string runs, format = "table", html;
  std::optional<std::string> optimizer;
  RequestedColumns columns;
  std::vector<double> batch_sizes;
  AdviceOptions advice;
};

void add_column_flags(CLI::App& app, RequestedColumns& columns) {
  app.add_option("--batch-column", columns.batch_size, "guessed where not given");
  app.add_option("--lr-column", columns.lr, "guessed where not given");
  app.add_option("--loss-column", columns.loss, "guessed where not given");
  app.add_option("--seed-column", columns.seed, "guessed where not given");
  app.add_option("--budget-column", columns.budget,
                 "steps, tokens, examples or epochs, to check that a group has one budget; none to "
                 "leave that; guessed where not given");
  app.add_option("--group-by", columns.group_by, "columns that tell settings apart")
      ->allow_extra_args(false)
      ->delimiter(',');
}

void add_fit_flags(CLI::App& app, FitFlags& flags) {
  app.add_option("RUNS", flags.runs,
                 "CSV or JSON, - for standard input, or a study: its directory or study.db")
      ->required();
  app.add_option("--to", flags.batch_sizes, "batch sizes to advise on, separated by commas")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
  app.add_option("--optimizer", flags.optimizer,
                 "chooses the priors; default: the study's, else adamw")
      ->check(CLI::IsMember(
          {"sgd", "momentum", "nesterov", "lars", "adam", "adamw", "rmsprop", "lamb"}));
  app.add_option("--level", flags.advice.level, "coverage of intervals, in (0, 1)")
      ->capture_default_str()
      ->check(coverage());
  app.add_option("--seed", flags.advice.seed, "of the draws")
      ->capture_default_str()
      ->check(natural_number());
  app.add_option("--format", flags.format, "table, json or csv")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json", "csv"}));
  app.add_option("--html", flags.html, "also write a page with charts to this file");
  add_column_flags(app, flags.columns);
}

bool is_sgd(const std::string& optimizer) {
  return optimizer == "sgd" || optimizer == "momentum" || optimizer == "nesterov" ||
         optimizer == "lars";
}

UpdateKind choose_priors(const FitFlags& flags) {
  std::optional<std::string> optimizer = flags.optimizer;
  if (!optimizer) {
    optimizer = study_optimizer(flags.runs);
    if (optimizer) {
      fmt::print(stderr, "etalon: took the priors of the study's optimizer, {}\n", *optimizer);
    }
  }
  return optimizer && is_sgd(*optimizer) ? UpdateKind::sgd : UpdateKind::adaptive;
}

}  // namespace

int run_fit(int argc, const char* const* argv) {
  CLI::App app("The laws behind your own runs, and learning rates where you have none.",
               "etalon fit");
  FitFlags flags;
  add_fit_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const Table table = read_runs(flags.runs);
  flags.advice.update = choose_priors(flags);
  flags.advice.validate();
  const GuessedColumns guessed = guess_columns(table, flags.columns);
  for (const std::string& guess : guessed.guesses) fmt::print(stderr, "etalon: {}\n", guess);
  const std::vector<RunGroup> groups = group_runs(table, guessed.columns);
  std::vector<GroupFit> fits;
  fits.reserve(groups.size());
  for (const RunGroup& group : groups) {
    fits.push_back(
        fit_group(group, flags.batch_sizes, flags.advice, flags.html.empty() ? 0 : kBandPoints));
  }
  if (!flags.html.empty()) {
    const std::string source = flags.runs == "-" ? table.name : flags.runs;
    std::ostringstream page;
    write_fit_page(fit_page_json(fits, groups, source, flags.advice.level), page);
    write_file_atomically(flags.html, page.str(), "--html");
  }
  if (flags.format == "json") {
    fmt::print("{}\n", fit_json(fits));
  } else if (flags.format == "csv") {
    fmt::print("{}", fit_csv(fits));
  } else {
    fmt::print("{}", fit_table(fits, flags.advice.level));
  }
  return kDone;
}

}  // namespace etalon::cli
