// etalon noise: the gradient noise scale, and what it says of batch sizes and learning rates.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/noise_checkpoint.hpp"
#include "cli/noise_training.hpp"
#include "cli/number_checks.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "runs/foreign_files.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kAnswerGroup = "The answer";
constexpr const char* kNormsGroup = "With LOG: what the columns are; guessed where not given";

struct NoiseFlags {
  std::string log, norms, format = "table";
  RequestedNorms requested;
  NoiseTrainingFlags training;
  std::vector<double> batch_sizes;
  std::optional<double> lr, batch_size;
  bool quiet = false;
};

void add_noise_flags(CLI::App& app, NoiseFlags& flags) {
  app.option_defaults()->group(kAnswerGroup);
  app.add_option("LOG", flags.log,
                 "Gradient norms in CSV or JSON, - for standard input: pairs of a small and a big "
                 "batch, or one a row at two batch sizes or more; without it a network is trained");
  app.add_option("--to", flags.batch_sizes,
                 "Batch sizes to say the cost of, separated by commas; default some about the "
                 "noise scale")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
  app.add_option("--lr", flags.lr,
                 "The learning rate at --batch-size, for those at the others; without LOG, that of "
                 "the training")
      ->check(real_number());
  app.add_option("--batch-size", flags.batch_size,
                 "The batch size of --lr; without LOG, that of the training, 32 by default")
      ->check(batch_size());
  app.add_option("--level", flags.training.noise.scale.level, "Coverage of intervals, in (0, 1)")
      ->capture_default_str()
      ->check(coverage());
  app.add_option("--format", flags.format, "What is printed: table or json")
      ->capture_default_str()
      ->check(one_of({"table", "json"}));
  app.add_flag("--quiet", flags.quiet, "Say on standard error neither guesses nor progress");
}

void add_norm_flags(CLI::App& app, NoiseFlags& flags) {
  RequestedNorms& requested = flags.requested;
  app.option_defaults()->group(kNormsGroup);
  app.add_option("--norms", flags.norms,
                 "Whether the norms are squared or plain; default what their names say, else plain")
      ->check(one_of({"squared", "plain"}));
  app.add_option("--small-norm", requested.small_norm, "The norm of a small batch");
  app.add_option("--big-norm", requested.big_norm, "The norm of the big batch at the same weights");
  app.add_option("--small-batch-size", requested.small_batch_size,
                 "Its number of examples: a column or a number; 1 for single examples");
  app.add_option("--big-batch-size", requested.big_batch_size, "The same of the big batch");
  app.add_option("--norm-column", requested.norm, "The only gradient norm of a row");
  app.add_option("--batch-column", requested.batch_size, "The batch size of that");
  app.add_option("--where", requested.where,
                 "Only rows that hold this, NAME=VALUE; may be repeated")
      ->allow_extra_args(false);
}

// Flags of the other way to measure.
void check_flags(const CLI::App& app, const NoiseFlags& flags) {
  const bool has_log = !flags.log.empty();
  for (const CLI::Option* option : app.get_options()) {
    const std::string& group = option->get_group();
    if (option->count() == 0 || group == kAnswerGroup) continue;
    if ((group == kNormsGroup) == has_log) continue;
    throw InputError(
        fmt::format("{} is for {}", option->get_name(),
                    has_log ? "a training, but LOG is given" : "a LOG, but none is given"),
        has_log ? flags.log : "", "leave one of them out");
  }
  if (has_log && flags.lr.has_value() != flags.batch_size.has_value()) {
    throw InputError("--lr and --batch-size go together", "", "give both, or none");
  }
  if (flags.batch_size && *flags.batch_size != std::floor(*flags.batch_size)) {
    throw InputError(fmt::format("--batch-size is {:g}", *flags.batch_size), "",
                     "give a whole number");
  }
  if (flags.lr) check_lr(*flags.lr);
}

Table read_log(const std::string& log) {
  if (log == "-") return read_table(std::cin, "standard input");
  std::error_code ignored;
  if (std::filesystem::is_directory(log, ignored)) {
    throw InputError("a directory holds no table of gradient norms", log, "name one file in it");
  }
  if (is_database(log)) {
    throw InputError("a database holds no table of gradient norms", log,
                     "name a file of CSV or JSON");
  }
  return read_table(std::filesystem::path(log));
}

NoiseAnswer answer_of_log(const NoiseFlags& flags) {
  NoiseAnswer answer;
  answer.source = flags.log;
  answer.lr = flags.lr;
  answer.batch_size = flags.batch_size;
  const auto say = [&](const std::string& sentence) {
    const std::string text = InputError(sentence, "", "").message_with([](std::string_view field) {
      return flag_of(field, {});
    });
    if (!flags.quiet) print_message("etalon: " + text);
    answer.said.push_back(text);
  };
  const Table table = read_log(flags.log);
  const NormLog log = read_norms(table, flags.requested, say);
  answer.noise = noise_of(log, table.name, flags.training.noise.scale);
  return answer;
}

NoiseAnswer answer_of_checkpoint(const CLI::App& app, NoiseFlags& flags) {
  const TrainedWeights trained = read_trained_weights(flags.training.checkpoint);
  take_settings(app, trained, flags.training);
  if (!flags.lr && !flags.batch_size) {
    flags.lr = number_setting(trained, "lr", flags.training.checkpoint);
    flags.batch_size = number_setting(trained, "batch_size", flags.training.checkpoint);
  }
  const RunOptions run = noise_run_options(app, flags.training, flags.lr, flags.batch_size);
  return measure_checkpoint(trained, run, flags.training);
}

std::optional<NoiseAnswer> answer_of(const CLI::App& app, NoiseFlags& flags) {
  if (!flags.log.empty()) return answer_of_log(flags);
  if (!flags.training.checkpoint.empty()) return answer_of_checkpoint(app, flags);
  const RunOptions run = noise_run_options(app, flags.training, flags.lr, flags.batch_size);
  return train_and_measure(run, flags.training, flags.quiet);
}

}  // namespace

int run_noise(int argc, const char* const* argv) {
  CLI::App app("The gradient noise scale, and what it says of batch sizes and learning rates.",
               "etalon noise");
  NoiseFlags flags;
  add_noise_flags(app, flags);
  add_norm_flags(app, flags);
  add_noise_training_flags(app, flags.training);
  if (const auto code = parse(app, argc, argv)) return *code;
  if (!flags.norms.empty()) flags.requested.squared = flags.norms == "squared";
  check_flags(app, flags);
  std::optional<NoiseAnswer> answer = answer_of(app, flags);
  if (!answer) return kInterrupted;
  answer->level = flags.training.noise.scale.level;
  answer->batch_sizes = flags.batch_sizes;
  const std::string text = flags.format == "json" ? noise_json(*answer) + '\n'
                                                  : noise_table(*answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
  return kDone;
}

}  // namespace etalon::cli
