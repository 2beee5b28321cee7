// etalon fit: the laws behind a file of runs, and learning rates at batch sizes with no runs.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/flag_names.hpp"
#include "cli/number_checks.hpp"
#include "cli/read_progress.hpp"
#include "cli/standard_streams.hpp"
#include "core/atomic_file.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "imports/read_source.hpp"
#include "report/fit/fit_output.hpp"
#include "runs/group_fit.hpp"
#include "runs/update_kinds.hpp"

namespace etalon::cli {
namespace {

constexpr int kBandPoints = 33;

struct FitFlags {
  std::string runs, format = "table", html, mode, at;
  std::optional<std::string> optimizer;
  SourceOptions source;
  std::vector<double> batch_sizes;
  AdviceOptions advice;
  bool quiet = false;
};

CLI::Option* add_column_list(CLI::App& app, const std::string& flag,
                             std::optional<std::vector<std::string>>& columns,
                             const std::string& what) {
  return app.add_option(flag, columns, what)->allow_extra_args(false)->delimiter(',');
}

void add_column_flags(CLI::App& app, FitFlags& flags) {
  RequestedColumns& columns = flags.source.columns;
  app.option_defaults()->group("What the columns are; guessed where not given");
  app.add_option("--loss-column,--metric", columns.loss, "The loss or metric");
  app.add_option("--mode", flags.mode,
                 "Whether the metric is better when it is less or greater: min or max")
      ->check(one_of({"min", "max"}));
  app.add_option("--batch-column", columns.batch_size, "The batch size, taken alone");
  app.add_option("--batch-is", columns.batch_is,
                 "The batch size as a product of columns and numbers, such as "
                 "micro_batch_size*accumulation*8")
      ->excludes("--batch-column");
  app.add_option("--lr-column", columns.lr, "The learning rate");
  add_column_list(app, "--group-by", columns.group_by, "Columns that tell settings apart");
  app.add_option("--seed-column", columns.seed, "Pairs replicates; none where nothing does");
  app.add_option("--state-column", columns.state, "What became of a run; none to take every row");
  app.add_option("--where", columns.where, "Only rows that hold this, NAME=VALUE; may be repeated")
      ->allow_extra_args(false);
  add_column_list(app, "--run-column", columns.run,
                  "Tells runs apart that have a row for every step: the last one counts; none "
                  "where a row is a run");
  app.add_option("--budget-column", columns.budget,
                 "Steps, tokens, examples or epochs, to check that a group has one budget; none to "
                 "leave that");
}

void add_log_flags(CLI::App& app, FitFlags& flags) {
  app.option_defaults()->group("Logs of other tools");
  app.add_option("--at", flags.at,
                 "Where in its course a run's metric is read: last, best, step:N or examples:N; "
                 "default last");
  app.add_option("--params-from", flags.source.params_from,
                 "Settings out of the paths of runs, by a pattern with named groups, such as "
                 "lr(?<lr>[^_/]+)_b(?<batch_size>[0-9]+)");
  app.add_option("--from", flags.source.from,
                 "The form of the logs, where several lie in one place: tensorboard, wandb, ...");
}

// The most used flags first.
void add_fit_flags(CLI::App& app, FitFlags& flags) {
  app.option_defaults()->group("The answer");
  app.add_option("RUNS", flags.runs,
                 "CSV or JSON, - for standard input; a file or a directory of another tool's "
                 "logs; or a study: its directory or study.db")
      ->required();
  app.add_option("--to", flags.batch_sizes, "Batch sizes to advise on, separated by commas")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
  app.add_option("--format", flags.format, "What is printed: table, json or csv")
      ->capture_default_str()
      ->check(one_of({"table", "json", "csv"}));
  app.add_option("--html", flags.html, "Also write a page with charts to this file");
  app.add_flag("--quiet", flags.quiet, "Do not say on standard error what was guessed");
  add_column_flags(app, flags);
  add_log_flags(app, flags);
  app.option_defaults()->group("The statistics");
  app.add_option("--optimizer", flags.optimizer,
                 "Chooses the priors; default: what the file or the study says, else adamw")
      ->transform(one_of_any_case(optimizer_names()));
  app.add_option("--level", flags.advice.level, "Coverage of intervals, in (0, 1)")
      ->capture_default_str()
      ->check(coverage());
  app.add_option("--seed", flags.advice.seed, "Of the draws")
      ->capture_default_str()
      ->check(natural_number());
}

// A page that could not be written, or would take the place of what it is made from.
void check_page(const FitFlags& flags) {
  check_output(flags.html, "html");
  const std::filesystem::path runs = flags.runs;
  std::error_code ignored;
  const auto directory = std::filesystem::is_directory(runs, ignored) ? runs : runs.parent_path();
  std::vector<NamedPath> inputs = {{"runs", runs}};
  for (const char* name : {"study.db", "study.db-wal", "trials.csv", "summary.json"}) {
    inputs.push_back({"runs", directory / name});
  }
  const NamedPath page{"html", flags.html};
  check_outputs_apart({&page, 1}, inputs);
}

// Whose priors a group has, and a sentence about it where the user did not say.
struct Priors {
  UpdateKind update = UpdateKind::adaptive;
  std::string said;
};

const char* kind_text(UpdateKind kind) {
  return kind == UpdateKind::sgd ? "SGD" : "adaptive updates";
}

Priors choose_priors(const RunGroup& group, const RunSource& source, const FitFlags& flags) {
  if (flags.optimizer) return {update_kind_of(*flags.optimizer).value_or(UpdateKind::adaptive), ""};
  if (group.optimizer) {
    const auto kind = update_kind_of(*group.optimizer);
    return {kind.value_or(UpdateKind::adaptive),
            fmt::format("took the priors of {} for optimizer '{}'{}",
                        kind_text(kind.value_or(UpdateKind::adaptive)), shortened(*group.optimizer),
                        kind ? "" : ", which is not known")};
  }
  if (source.study_optimizer) {
    return {update_kind_of(*source.study_optimizer).value_or(UpdateKind::adaptive),
            fmt::format("took the priors of the study's optimizer, {}",
                        shortened(*source.study_optimizer))};
  }
  return {UpdateKind::adaptive,
          fmt::format("took the priors of adaptive updates such as adamw's; {} says otherwise",
                      field_name("optimizer"))};
}

// With the flags that its settings have.
void say_guess(const std::string& sentence) {
  print_message("etalon: " + InputError(sentence, "", "").message_with([](std::string_view field) {
    return flag_of(field, {});
  }));
}

FitAnswer fit_groups(RunSource source, const FitFlags& flags, const Say& say) {
  std::set<std::string> said;
  FitAnswer answer;
  answer.source = flags.runs == "-" ? source.name : flags.runs;
  answer.metric = source.metric;
  answer.level = flags.advice.level;
  for (const RunGroup& group : source.groups) {
    const Priors priors = choose_priors(group, source, flags);
    if (!priors.said.empty() && said.insert(priors.said).second) say(priors.said);
    AdviceOptions advice = flags.advice;
    advice.update = priors.update;
    answer.fits.push_back(
        fit_group(group, flags.batch_sizes, advice, flags.html.empty() ? 0 : kBandPoints));
  }
  answer.groups = std::move(source.groups);
  return answer;
}

void print_answer(const FitAnswer& answer, const std::string& format) {
  const std::string text = format == "json"  ? fit_json(answer) + '\n'
                           : format == "csv" ? fit_csv(answer)
                                             : fit_table(answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
}

void write_answer_page(const FitAnswer& answer, const std::string& path) {
  std::ostringstream page;
  write_fit_page(answer, page);
  write_file_atomically(path, page.str(), "html");
}

}  // namespace

int run_fit(int argc, const char* const* argv) {
  CLI::App app("The laws behind your own runs, and learning rates where you have none.",
               "etalon fit");
  FitFlags flags;
  add_fit_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  if (!flags.mode.empty()) {
    flags.source.columns.mode = flags.mode == "max" ? MetricMode::maximized : MetricMode::minimized;
  }
  if (!flags.at.empty()) flags.source.columns.at = parse_measured_at(flags.at);
  flags.advice.validate();
  if (!flags.html.empty()) check_page(flags);
  const Say say = [&flags](const std::string& sentence) {
    if (!flags.quiet) say_guess(sentence);
  };
  ReadProgress progress;
  ReadSource source = read_source(flags.runs, flags.source, say, progress.hear(flags.quiet));
  progress.finish();
  const FitAnswer answer = fit_groups(std::move(source.runs), flags, say);
  print_answer(answer, flags.format);
  if (!flags.html.empty()) write_answer_page(answer, flags.html);
  return kDone;
}

}  // namespace etalon::cli
