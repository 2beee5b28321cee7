// etalon fit: the laws behind a file of runs, and learning rates at batch sizes with no runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/fit_output.hpp"
#include "report/atomic_file.hpp"
#include "report/page.hpp"
#include "runs/group_fit.hpp"
#include "runs/study_runs.hpp"

namespace etalon::cli {
namespace {

constexpr int kBandPoints = 33;

struct Flags {
  std::string runs, optimizer = "adamw", format = "table", html;
  RequestedColumns columns;
  std::vector<double> batch_sizes;
  AdviceOptions advice;
};

void add_flags(CLI::App& app, Flags& flags) {
  app.add_option("RUNS", flags.runs, "CSV or JSON lines, or a study: its directory or study.db")
      ->required();
  app.add_option("--to", flags.batch_sizes, "batch sizes to advise on, separated by commas")
      ->delimiter(',')
      ->check(CLI::PositiveNumber);
  app.add_option("--optimizer", flags.optimizer, "chooses the priors")
      ->capture_default_str()
      ->check(CLI::IsMember(
          {"sgd", "momentum", "nesterov", "lars", "adam", "adamw", "rmsprop", "lamb"}));
  app.add_option("--level", flags.advice.level, "coverage of intervals, in (0, 1)")
      ->capture_default_str();
  app.add_option("--seed", flags.advice.seed, "of the draws")->capture_default_str();
  app.add_option("--format", flags.format, "table, json or csv")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json", "csv"}));
  app.add_option("--html", flags.html, "also write a page with charts to this file");
  app.add_option("--batch-column", flags.columns.batch_size, "guessed where not given");
  app.add_option("--lr-column", flags.columns.lr, "guessed where not given");
  app.add_option("--loss-column", flags.columns.loss, "guessed where not given");
  app.add_option("--seed-column", flags.columns.seed, "guessed where not given");
  app.add_option("--group-by", flags.columns.group_by, "columns that tell settings apart")
      ->delimiter(',');
}

bool is_sgd(const std::string& optimizer) {
  return optimizer == "sgd" || optimizer == "momentum" || optimizer == "nesterov" ||
         optimizer == "lars";
}

}  // namespace

int run_fit(int argc, const char* const* argv) {
  CLI::App app("The laws behind your own runs, and learning rates where you have none.",
               "etalon fit");
  Flags flags;
  add_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  flags.advice.update = is_sgd(flags.optimizer) ? UpdateKind::sgd : UpdateKind::adaptive;
  flags.advice.validate();
  const Table table = read_runs(flags.runs);
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
    std::ostringstream page;
    write_fit_page(fit_page_json(fits, groups, flags.runs, flags.advice.level), page);
    write_file_atomically(flags.html, page.str());
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
