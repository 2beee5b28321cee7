#include "cli/source_fit.hpp"

#include <fmt/format.h>

#include <set>

#include "cli/choices.hpp"
#include "cli/flag_names.hpp"
#include "cli/number_checks.hpp"
#include "cli/read_progress.hpp"
#include "cli/standard_streams.hpp"
#include "core/text.hpp"
#include "etalon/atlas.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "runs/group_fit.hpp"
#include "runs/update_kinds.hpp"

namespace etalon::cli {
namespace {

constexpr int kBandPoints = 33;

CLI::Option* add_column_list(CLI::App& app, const std::string& flag,
                             std::optional<std::vector<std::string>>& columns,
                             const std::string& what) {
  return app.add_option(flag, columns, what)->allow_extra_args(false)->delimiter(',');
}

// Whose priors a group has, and a sentence about it where the user did not say.
struct Priors {
  std::string optimizer;
  UpdateKind update = UpdateKind::adaptive;
  std::string said;
};

const char* kind_text(UpdateKind kind) {
  return kind == UpdateKind::sgd ? "SGD" : "adaptive updates";
}

Priors choose_priors(const RunGroup& group, const RunSource& source, const SourceFlags& flags) {
  if (flags.optimizer) {
    return {*flags.optimizer, update_kind_of(*flags.optimizer).value_or(UpdateKind::adaptive), ""};
  }
  if (group.optimizer) {
    const auto kind = update_kind_of(*group.optimizer);
    return {*group.optimizer, kind.value_or(UpdateKind::adaptive),
            fmt::format("took the priors of {} for optimizer '{}'{}",
                        kind_text(kind.value_or(UpdateKind::adaptive)), shortened(*group.optimizer),
                        kind ? "" : ", which is not known")};
  }
  if (source.study_optimizer) {
    return {*source.study_optimizer,
            update_kind_of(*source.study_optimizer).value_or(UpdateKind::adaptive),
            fmt::format("took the priors of the study's optimizer, {}",
                        shortened(*source.study_optimizer))};
  }
  return {"adamw", UpdateKind::adaptive,
          fmt::format("took the priors of adaptive updates such as adamw's; {} says otherwise",
                      field_name("optimizer"))};
}

// What is said while a source is read, with the flags that settings have.
class Sayings {
 public:
  explicit Sayings(bool quiet) : quiet_(quiet) {}

  void say(const std::string& sentence) {
    const std::string text = InputError(sentence, "", "").message_with([](std::string_view field) {
      return flag_of(field, {});
    });
    if (!quiet_) print_message("etalon: " + text);
    all_.push_back(text);
  }
  std::vector<std::string> take() { return std::move(all_); }

 private:
  const bool quiet_;
  std::vector<std::string> all_;
};

constexpr const char* kStartSaid = "start";

std::string start_text(const UncorrectedStart& start) {
  return fmt::format(
      "compared batch sizes by learning rates as they act: rmsprop's first steps are longer than "
      "its later ones, since its mean of squares (beta2 {:g}) starts at 0; a run saw {:g} "
      "examples; laws are shown as learning rates are set",
      start.beta2, start.examples);
}

void fit_groups(const RunSource& source, const SourceFlags& flags, int band_points,
                Sayings& sayings, FitAnswer& answer) {
  std::set<std::string> said;
  ReadProgress progress("fitted");
  const HearProgress hear = progress.hear(flags.quiet);
  for (const RunGroup& group : source.groups) {
    const Priors priors = choose_priors(group, source, flags);
    if (!priors.said.empty() && said.insert(priors.said).second) {
      progress.finish();
      sayings.say(priors.said);
    }
    AdviceOptions advice = flags.advice;
    advice.update = priors.update;
    advice.start = start_of(priors.optimizer, group);
    if (advice.start && said.insert(kStartSaid).second) sayings.say(start_text(*advice.start));
    const ExponentBelief belief =
        believed_exponent(atlas(), optimizer_family_of(priors.optimizer),
                          group.holds_steps ? HeldBudget::steps : HeldBudget::examples);
    advice.exponent = {belief.mean, belief.deviation};
    answer.fits.push_back(fit_group(group, flags.batch_sizes, advice, band_points, source.metric));
    if (hear) {
      hear(static_cast<double>(answer.fits.size()), static_cast<double>(source.groups.size()),
           "settings");
    }
  }
}

}  // namespace

void add_target_flag(CLI::App& app, SourceFlags& flags) {
  app.add_option("--to", flags.batch_sizes, "Batch sizes to advise on, separated by commas")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
}

void add_column_flags(CLI::App& app, SourceFlags& flags) {
  RequestedColumns& columns = flags.source.columns;
  app.option_defaults()->group("What the columns are; guessed where not given");
  app.add_option("--loss-column,--metric", columns.loss, "The loss or metric");
  app.add_option("--mode", flags.mode,
                 "Whether the metric is better when it is less or greater: min or max")
      ->transform(one_of({"min", "max"}));
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

void add_log_flags(CLI::App& app, SourceFlags& flags) {
  app.option_defaults()->group("Logs of other tools");
  app.add_option("--at", flags.at,
                 "Where in its course a run's metric is read: last, best, step:N, examples:N or "
                 "share:X; default last");
  app.add_option("--params-from", flags.source.params_from,
                 "Settings out of the paths of runs, by a pattern with named groups, such as "
                 "lr(?<lr>[^_/]+)_b(?<batch_size>[0-9]+)");
  app.add_option("--from", flags.source.from,
                 "The form of the logs, where several lie in one place: tensorboard, wandb, ...");
}

void add_statistics_flags(CLI::App& app, SourceFlags& flags) {
  app.option_defaults()->group("The statistics");
  app.add_option("--optimizer", flags.optimizer,
                 "Chooses the priors; default: what the file or the study says, else adamw")
      ->transform(one_of(optimizer_names()));
  app.add_option("--level", flags.advice.level, "Coverage of intervals, in (0, 1)")
      ->capture_default_str()
      ->check(coverage());
  app.add_option("--seed", flags.advice.seed, "Of the draws")
      ->capture_default_str()
      ->check(natural_number());
}

FitAnswer fit_source(SourceFlags flags, bool for_a_page) {
  if (!flags.mode.empty()) {
    flags.source.columns.mode = flags.mode == "max" ? MetricMode::maximized : MetricMode::minimized;
  }
  if (!flags.at.empty()) flags.source.columns.at = parse_measured_at(flags.at);
  flags.advice.validate();
  Sayings sayings(flags.quiet);
  ReadProgress progress;
  ReadSource source = read_source(
      flags.runs, flags.source,
      [&](const std::string& sentence) {
        progress.finish();
        sayings.say(sentence);
      },
      progress.hear(flags.quiet));
  progress.finish();
  FitAnswer answer;
  answer.source = flags.runs == "-" ? source.runs.name : flags.runs;
  answer.metric = source.runs.metric;
  answer.level = flags.advice.level;
  fit_groups(source.runs, flags, for_a_page ? kBandPoints : 0, sayings, answer);
  answer.groups = std::move(source.runs.groups);
  answer.curves = std::move(source.curves);
  answer.said = sayings.take();
  return answer;
}

}  // namespace etalon::cli
