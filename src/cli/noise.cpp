// etalon noise: the gradient noise scale, and what it says of batch sizes and learning rates.
#include <fmt/format.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/noise_answer_flags.hpp"
#include "cli/noise_checkpoint.hpp"
#include "cli/noise_log.hpp"
#include "cli/noise_study.hpp"
#include "cli/noise_training.hpp"
#include "cli/program_flags.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kNormsGroup = "With LOG: what the columns are; guessed where not given";

struct NoiseFlags {
  std::string log, norms;
  RequestedNorms requested;
  NoiseTrainingFlags training;
  NoiseAnswerFlags answer;
};

void add_noise_flags(CLI::App& app, NoiseFlags& flags) {
  app.option_defaults()->group(kAnswerGroup);
  app.add_option("LOG", flags.log,
                 "Gradient norms in CSV or JSON, - for standard input, or what a tool logged "
                 "(TensorBoard's event files and others), a file or a directory of runs: pairs of "
                 "a small and a big batch, or one a row at two batch sizes or more; or the "
                 "directory of a study of a program that prints them; without it a network is "
                 "trained");
  add_noise_answer_flags(app, flags.answer);
  app.get_option("--lr")->description(
      "The learning rate at --batch-size, for those at the others; without LOG, that of the "
      "training");
  app.get_option("--batch-size")
      ->description("The batch size of --lr; without LOG, that of the training, 32 by default");
}

void add_norm_flags(CLI::App& app, NoiseFlags& flags) {
  RequestedNorms& requested = flags.requested;
  app.option_defaults()->group(kNormsGroup);
  app.add_option("--norms", flags.norms,
                 "Whether the norms are squared or plain; default what their names say, else plain")
      ->transform(one_of({"squared", "plain"}));
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

// What a page must not take the place of.
std::vector<NamedPath> inputs_of(const NoiseFlags& flags) {
  if (!flags.training.checkpoint.empty()) return {{"checkpoint", flags.training.checkpoint}};
  if (is_study(flags.log)) return {{"log", study_file_in(flags.log)}};
  return {{"log", flags.log}};
}

// Flags of the other way to measure.
void check_flags(const CLI::App& app, const NoiseFlags& flags) {
  const bool has_log = !flags.log.empty();
  for (const CLI::Option* option : app.get_options()) {
    const std::string& group = option->get_group();
    const bool is_of_both = group == kAnswerGroup || option->get_name() == "--layers";
    if (option->count() == 0 || is_of_both) continue;
    if ((group == kNormsGroup) == has_log) continue;
    throw InputError(
        fmt::format("{} is for {}", option->get_name(),
                    has_log ? "a training, but LOG is given" : "a LOG, but none is given"),
        has_log ? flags.log : "", "leave one of them out");
  }
  if (has_log) need_lr_with_batch_size(flags.answer);
  check_noise_answer_flags(flags.answer, inputs_of(flags));
}

NoiseAnswer answer_of_log(const NoiseFlags& flags) {
  NoiseAnswer answer;
  answer.source = flags.log;
  answer.lr = flags.answer.lr;
  answer.batch_size = flags.answer.batch_size;
  const auto say = [&](const std::string& sentence) {
    const std::string text = InputError(sentence, "", "").message_with([](std::string_view field) {
      return flag_of(field, {});
    });
    if (!flags.answer.quiet) print_message("etalon: " + text);
    answer.said.push_back(text);
  };
  answer.noise = read_noise_log(flags.log, flags.requested, flags.training.noise.scale, say);
  answer.layers = layers_asked_for(answer.noise, flags.training.layers, flags.log, say);
  return answer;
}

// What no flag says of the training is the checkpoint's own.
std::optional<NoiseAnswer> answer_of_checkpoint(const CLI::App& app, NoiseFlags& flags) {
  const std::string& place = flags.training.checkpoint;
  NoiseAnswerFlags& answer = flags.answer;
  const TrainedWeights trained = read_trained_weights(place);
  take_settings(app, trained, flags.training);
  if (!answer.lr) answer.lr = number_setting(trained, "lr", place);
  if (!answer.batch_size) answer.batch_size = number_setting(trained, "batch_size", place);
  const RunOptions run = noise_run_options(app, flags.training, answer.lr, answer.batch_size);
  return measure_checkpoint(trained, run, flags.training);
}

std::optional<NoiseAnswer> answer_of(const CLI::App& app, NoiseFlags& flags) {
  if (!flags.log.empty()) return answer_of_log(flags);
  if (!flags.training.checkpoint.empty()) return answer_of_checkpoint(app, flags);
  const RunOptions run =
      noise_run_options(app, flags.training, flags.answer.lr, flags.answer.batch_size);
  return train_and_measure(run, flags.training, flags.answer.quiet);
}

}  // namespace

int run_noise(int argc, const char* const* argv) {
  if (has_dashes(argc, argv)) return run_program_noise(argc, argv);
  CLI::App app("The gradient noise scale, and what it says of batch sizes and learning rates.",
               "etalon noise");
  NoiseFlags flags;
  add_noise_flags(app, flags);
  add_norm_flags(app, flags);
  add_noise_training_flags(app, flags.training);
  if (const auto code = parse(app, argc, argv)) {
    std::cout << "\n" << program_noise_help();
    return *code;
  }
  if (!flags.norms.empty()) flags.requested.squared = flags.norms == "squared";
  flags.training.noise.scale.level = flags.answer.level;
  check_flags(app, flags);
  std::optional<NoiseAnswer> answer = answer_of(app, flags);
  if (!answer) return kInterrupted;
  deliver_noise(std::move(*answer), flags.answer);
  return kDone;
}

}  // namespace etalon::cli
