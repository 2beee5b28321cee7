#include "cli/train_flags.hpp"

#include <fmt/format.h>

#include <initializer_list>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/number_checks.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

void add_batch_flags(CLI::App& app, TrainFlags& flags) {
  const std::string batch = "The batch (the loss is averaged over all of it)";
  const auto add = [&](const char* flag, std::optional<std::int64_t>& value, const char* what) {
    app.add_option(flag, value, what)->check(whole_number())->group(batch);
  };
  add("--batch-size", flags.batch_size,
      "Examples per update, that --lr is written for; 32 by default");
  add("--micro-batch", flags.micro_batch, "Examples in one pass; the batch by default");
  add("--accumulation", flags.accumulation, "Micro-batches per update and replica");
  add("--replicas", flags.replicas, "Replicas; here their micro-batches follow one another");
}

void add_update_flags(CLI::App& app, TrainFlags& flags) {
  RunOptions& run = flags.run;
  add_optimizer_flag(app, flags.training);
  app.add_option("--lr", flags.lr,
                 fmt::format("Learning rate, the peak of the schedule. {}", first_lr_text()))
      ->check(real_number())
      ->group(kUpdateGroup);
  app.add_option("--seed", run.seed, "Initial weights and order of examples")
      ->check(natural_number())
      ->capture_default_str()
      ->group(kUpdateGroup);
  add_optimizer_settings(app, flags.training);
}

void add_stopping_flags(CLI::App& app, TrainFlags& flags) {
  const std::string stopping = "Evaluation and early stopping";
  RunOptions& run = flags.run;
  app.add_option("--evaluations", run.evaluations, "On the validation set, evenly over the run")
      ->check(whole_number())
      ->capture_default_str()
      ->group(stopping);
  app.add_option("--patience", run.patience,
                 "Evaluations without a better loss before it stops; 0: never")
      ->check(whole_number())
      ->capture_default_str()
      ->group(stopping);
  app.add_option("--min-delta", run.min_delta, "A better loss is lower by more than this")
      ->check(real_number())
      ->capture_default_str()
      ->group(stopping);
}

void add_file_flags(CLI::App& app, TrainFlags& flags) {
  const std::string running = "Running";
  app.add_option("--checkpoint", flags.checkpoint,
                 "File that holds the training's state: after each evaluation and when interrupted")
      ->capture_default_str()
      ->group(running);
  app.add_flag("--resume", flags.resume, "Go on from --checkpoint")->group(running);
  app.add_option("--csv", flags.csv, "File for the curve, rewritten after each evaluation")
      ->group(running);
  app.add_option("--tensorboard", flags.tensorboard, "Directory for an event file")->group(running);
  app.add_flag("--quiet", flags.quiet, "No progress on stderr")->group(running);
  app.add_option("--format", flags.format, "What goes to stdout: table, json or csv")
      ->transform(one_of({"table", "json", "csv"}))
      ->capture_default_str()
      ->group(running);
}

// Of numbers >= 1; throws InputError for a product that is no batch size.
std::int64_t product(std::initializer_list<std::int64_t> factors) {
  std::int64_t product = 1;
  for (const std::int64_t factor : factors) {
    if (factor < 1) {
      throw InputError(fmt::format("{} cannot be a part of the batch", factor), "",
                       "give --micro-batch, --accumulation and --replicas of at least 1");
    }
    if (__builtin_mul_overflow(product, factor, &product) || product > kGreatestBatchSize) {
      throw InputError("micro-batch x accumulation x replicas is more than 1e15", "",
                       "lower one of --micro-batch, --accumulation and --replicas");
    }
  }
  return product;
}

void set_batch(const TrainFlags& flags, RunOptions& run) {
  const std::int64_t parts = product({flags.accumulation.value_or(1), flags.replicas.value_or(1)});
  if (flags.micro_batch) run.micro_batch = *flags.micro_batch;
  if (!flags.batch_size) {
    run.batch_size = product({flags.micro_batch.value_or(run.batch_size), parts});
    if (!flags.micro_batch && parts > 1) run.micro_batch = run.batch_size / parts;
    return;
  }
  run.batch_size = *flags.batch_size;
  check_batch_size(static_cast<double>(run.batch_size));
  if (parts == 1) return;
  if (!flags.micro_batch) {
    if (run.batch_size % parts != 0) {
      throw InputError(
          fmt::format("--batch-size is {}, which accumulation x replicas, {}, does not "
                      "divide",
                      run.batch_size, parts),
          "", "choose them so that it does");
    }
    run.micro_batch = run.batch_size / parts;
  } else if (const std::int64_t whole = product({*flags.micro_batch, parts});
             whole != run.batch_size) {
    throw InputError(fmt::format("--batch-size is {}, but micro-batch x accumulation x replicas "
                                 "is {}",
                                 run.batch_size, whole),
                     "", "leave one of them out");
  }
}

}  // namespace

CLI::Option* add_train_flags(CLI::App& app, TrainFlags& flags) {
  auto* file =
      app.add_option("FILE", flags.file,
                     "TOML recipe, as etalon scale --format toml prints it; flags win over it");
  add_data_flags(app, flags.training);
  add_augment_flag(app, flags.training);
  app.remove_option(app.get_option("--objective"));
  add_batch_flags(app, flags);
  add_budget_flags(app, flags.training);
  add_update_flags(app, flags);
  add_stopping_flags(app, flags);
  add_file_flags(app, flags);
  add_schedule_flags(app, flags.training.schedule);
  add_plateau_flags(app, flags.training.schedule);
  add_batch_schedule_flags(app, flags.batch_schedule);
  return file;
}

RunOptions run_options(const CLI::App& app, const TrainFlags& flags) {
  RunOptions run = flags.run;
  run.training = training_options(app, flags.training);
  run.lr = flags.lr.value_or(run.training.optimizer.info().first_lr);
  run.batch_schedule = batch_schedule_options(app, flags.batch_schedule);
  set_batch(flags, run);
  return run;
}

}  // namespace etalon::cli
