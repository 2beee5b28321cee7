#include "cli/noise_checkpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

// The setting, where it is there and no flag is given for it.
std::optional<std::string> setting_without(const CLI::App& app, const char* flag,
                                           const TrainedWeights& trained, const char* name) {
  const auto found = trained.settings.find(name);
  if (found == trained.settings.end() || app.count(flag) > 0) return std::nullopt;
  return found->second;
}

template <typename Number>
std::optional<Number> number_of(const std::optional<std::string>& text, const std::string& place) {
  if (!text) return std::nullopt;
  Number number{};
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (stop == end && error == std::errc()) return number;
  throw InputError(fmt::format("the checkpoint cannot be right: '{}' is no number", *text), place,
                   "train it again, or take another copy");
}

void refuse_flags_of_a_training(const CLI::App& app) {
  for (const char* flag : {"--epochs", "--steps", "--examples", "--points"}) {
    if (app.count(flag) == 0) continue;
    throw InputError(fmt::format("{} is for a training, but --checkpoint is given", flag), "",
                     "leave one of them out");
  }
}

}  // namespace

std::optional<double> number_setting(const TrainedWeights& trained, const std::string& name,
                                     const std::string& place) {
  const auto found = trained.settings.find(name);
  return number_of<double>(
      found == trained.settings.end() ? std::nullopt : std::optional(found->second), place);
}

TrainedWeights read_trained_weights(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw InputError("a directory is no checkpoint", path, "name the file that etalon train wrote");
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file && !file.eof()) throw InputError("cannot read the checkpoint", path, "check the path");
  return trained_weights(bytes, path);
}

void take_settings(const CLI::App& app, const TrainedWeights& trained, NoiseTrainingFlags& flags) {
  refuse_flags_of_a_training(app);
  const auto setting = [&](const char* flag, const char* name) {
    return setting_without(app, flag, trained, name);
  };
  TrainingOptions& options = flags.training.options;
  options.dataset = setting("--data", "dataset").value_or(options.dataset);
  options.model = setting("--model", "model").value_or(options.model);
  options.layers = setting("--model", "layers").value_or("");
  const auto smoothing =
      number_of<double>(setting("--label-smoothing", "label_smoothing"), flags.checkpoint);
  if (smoothing) options.label_smoothing = *smoothing;
  const auto validation = number_of<std::int64_t>(
      setting("--validation-size", "validation_examples"), flags.checkpoint);
  if (validation) options.validation_size = validation;
  const auto trained_with = trained.settings.find("optimizer");
  const bool is_another = app.count("--optimizer") > 0 && trained_with != trained.settings.end() &&
                          trained_with->second != options.optimizer.name;
  if (is_another) return;  // whose settings are not those of this one
  options.optimizer.name = setting("--optimizer", "optimizer").value_or(options.optimizer.name);
  const auto momentum = number_of<double>(setting("--momentum", "momentum"), flags.checkpoint);
  if (momentum) options.optimizer.momentum = momentum;
}

}  // namespace etalon::cli
