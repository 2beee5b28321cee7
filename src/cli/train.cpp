// etalon train: one training, from flags or from a recipe.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/noise_checkpoint.hpp"
#include "cli/own_model.hpp"
#include "cli/standard_streams.hpp"
#include "cli/toml_arguments.hpp"
#include "cli/train_flags.hpp"
#include "core/atomic_file.hpp"
#include "core/clock.hpp"
#include "core/file_lock.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "model/model_file.hpp"
#include "report/train/train_output.hpp"
#include "train/event_file.hpp"

namespace etalon::cli {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file && !file.eof()) throw InputError("cannot read the checkpoint", path, "check the path");
  return bytes;
}

// A training that is not over is never overwritten, nor anything that was given a name of its own.
void make_way(const std::string& checkpoint) {
  if (checkpoint != kDefaultCheckpoint) {
    throw InputError("the checkpoint exists already", checkpoint,
                     "go on with --resume, or choose another --checkpoint");
  }
  if (!is_of_finished_run(read_file(checkpoint), checkpoint)) {
    throw InputError(
        "the checkpoint of an unfinished training is here", checkpoint,
        "go on with its flags and --resume, delete it, or choose another --checkpoint");
  }
  print_message(fmt::format("etalon: {}, of a finished training, will be replaced", checkpoint));
}

// Of the training that goes on, where it has a model out of a file.
std::optional<std::string> stored_layers(const TrainFlags& flags) {
  if (!flags.resume || !std::filesystem::exists(flags.checkpoint)) return std::nullopt;
  const auto settings = read_trained_weights(flags.checkpoint).settings;
  const auto found = settings.find("layers");
  return found == settings.end() ? std::nullopt : std::optional(found->second);
}

void open_checkpoint(const TrainFlags& flags, TrainingRun& run) {
  const bool there = std::filesystem::exists(flags.checkpoint);
  if (flags.resume && !there) {
    throw InputError("there is no checkpoint to go on from", flags.checkpoint,
                     "leave out --resume to start afresh");
  }
  if (!flags.resume && there) make_way(flags.checkpoint);
  if (flags.resume) run.restore(read_file(flags.checkpoint), flags.checkpoint);
}

void log_point(const RunPoint& point, EventFile& events) {
  std::vector<Scalar> scalars = {{"loss/train", point.train_loss.value()},
                                 {"loss/validation", point.validation_loss.value()},
                                 {"accuracy/validation", point.validation_accuracy.value()},
                                 {"lr", point.lr},
                                 {"batch_size", static_cast<double>(point.batch_size)},
                                 {"clipped_fraction", point.clipped_fraction}};
  if (point.noise_scale) scalars.push_back({"noise_scale", *point.noise_scale});
  events.add(point.step, scalars);
}

// Trains to the end of the run or until asked to stop, with everything on disk after each
// evaluation. True where it came to an end by itself.
bool train(const TrainFlags& flags, TrainingRun& run, const StopFlag& stop) {
  std::optional<EventFile> events;
  if (!flags.tensorboard.empty()) events.emplace(flags.tensorboard);
  TrainProgress progress(stderr, flags.quiet);
  while (run.state() == TrialState::pending && !stop.requested()) {
    const bool new_point = run.step();
    progress.on_step(run);
    if (!new_point) continue;
    progress.on_point(run);
    write_file_atomically(flags.checkpoint, run.checkpoint(), "checkpoint");
    if (!flags.csv.empty()) write_file_atomically(flags.csv, train_csv(run), "csv");
    if (events) log_point(run.curve().back(), *events);
  }
  progress.finish();
  if (run.state() != TrialState::pending) return true;
  write_file_atomically(flags.checkpoint, run.checkpoint(), "checkpoint");
  return false;
}

// Whatever could only fail after the work, and whatever would cost another file.
void check_files(const TrainFlags& flags) {
  std::error_code ignored;
  const auto checkpoint = std::filesystem::status(flags.checkpoint, ignored);
  if (std::filesystem::exists(checkpoint) && !std::filesystem::is_regular_file(checkpoint)) {
    throw InputError("the checkpoint is no regular file", flags.checkpoint,
                     "choose another --checkpoint");
  }
  check_output(flags.checkpoint, "checkpoint");
  if (!flags.csv.empty()) check_output(flags.csv, "csv");
  const NamedPath outputs[] = {
      {"checkpoint", flags.checkpoint}, {"csv", flags.csv}, {"tensorboard", flags.tensorboard}};
  const NamedPath inputs[] = {{"file", flags.file}};
  check_outputs_apart(outputs, inputs);
}

std::string render(const TrainFlags& flags, const TrainingRun& run, double wall_seconds) {
  if (flags.format == "json") return train_json(run, wall_seconds);
  if (flags.format == "csv") return train_csv(run);
  return train_table(run, wall_seconds);
}

}  // namespace

int run_train(int argc, const char* const* argv) {
  CLI::App app("Trains once, from flags or from a recipe of etalon scale.", "etalon train");
  TrainFlags flags;
  const CLI::Option* file = add_train_flags(app, flags);
  if (const auto code = parse_with_toml(app, *file, argc, argv)) return *code;

  const StopFlag& stop = interrupt_flag();
  const double start = steady_seconds();
  RunOptions options = run_options(app, flags);
  check_files(flags);
  TrainingOptions& training = options.training;
  if (is_model_file(training.model)) keep_layers(training, stored_layers(flags), "training");
  const FileLock lock(flags.checkpoint, "checkpoint");
  TrainingRun run(options);
  open_checkpoint(flags, run);
  for (const std::string& warning : run.warnings()) print_message("etalon: " + warning);
  if (!train(flags, run, stop)) {
    print_message(fmt::format(
        "etalon: stopped after {} of {} examples; go on with the same flags and --resume",
        run.examples(), run.total_examples()));
    return kInterrupted;
  }
  fmt::print("{}", render(flags, run, steady_seconds() - start));
  return kDone;
}

}  // namespace etalon::cli
