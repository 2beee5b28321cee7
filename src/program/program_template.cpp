#include "program/program_template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/atomic_file.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

std::vector<std::string> known_places(const ProgramOptions& options) {
  static const std::vector<std::string> places = [] {
    std::vector<std::string> names = {
        "batch_size", "lr",          "seed", "steps",  "epochs",
        "examples",   "trial",       "out",  "config", "micro_batch_size",
        "grad_accum", "warmup_steps"};
    for (const NamedSetting& setting : kMovableSettings) {
      if (setting.name != "ema") names.emplace_back(setting.name);
    }
    return names;
  }();
  if (!options.rising_lr) return places;
  std::vector<std::string> with_ends = places;
  with_ends.insert(with_ends.end(), {"lr_min", "lr_max"});
  return with_ends;
}

// Of these one must be there, or every trial would be the same.
constexpr std::array<std::string_view, 3> kBatchPlaces = {"batch_size", "micro_batch_size",
                                                          "grad_accum"};

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

void refuse_valueless(const std::set<std::string>& places, const PlaceValues& values) {
  for (const std::string& place : places) {
    if (values.contains(place)) continue;
    throw InputError(fmt::format("the command has {{{}}}, which nothing gives a value", place), "",
                     "write the value itself");
  }
}

[[noreturn]] void refuse_unused(std::string_view field, const std::string& why,
                                const char* remedy) {
  throw InputError(fmt::format("{} is given, but {}", field_name(field), why), "", remedy);
}

[[noreturn]] void refuse_missing(std::string_view place, std::string_view field) {
  throw InputError(
      fmt::format("the command has {{{}}}, but {} is not given", place, field_name(field)), "",
      "give it, or take the placeholder out");
}

}  // namespace

ProgramTemplate::ProgramTemplate(const ProgramOptions& options) : options_(options) {
  for (const std::string& argument : options.command) {
    add_places(arguments_.emplace_back(argument, known_places(options)));
  }
  for (const auto& [name, value] : options.environment) {
    environment_.emplace_back(name, PlacedText(value, known_places(options)));
    add_places(environment_.back().second);
  }
  if (!options.config.empty()) {
    config_text_ = options.config_text();
    config_.emplace(config_text_, known_places(options));
    add_places(*config_);
  }
  check_places();
  if (!options.metric_file.empty()) {
    metric_file_.emplace(options.metric_file, known_places(options));
    check_metric_file();
  }
}

void ProgramTemplate::add_places(const PlacedText& text) { places_.merge(text.places()); }

void ProgramTemplate::check_places() const {
  check_lr_places();
  if (std::none_of(kBatchPlaces.begin(), kBatchPlaces.end(),
                   [&](std::string_view place) { return has(std::string(place)); })) {
    throw InputError("the command has no {batch_size}", "",
                     "put it where the batch size goes: --batch-size {batch_size}");
  }
  if (has("config") && !config_) refuse_missing("config", "config");
  if (config_ && !has("config")) {
    refuse_unused("config", "the command has no {config}",
                  "put it where the file's name goes: --config {config}");
  }
  if (has("steps") && !options_.steps && !options_.examples) refuse_missing("steps", "steps");
  if (has("examples") && !options_.steps && !options_.examples) {
    refuse_missing("examples", "examples");
  }
  if (has("epochs") && !options_.epochs) refuse_missing("epochs", "epochs");
  check_passes();
}

void ProgramTemplate::check_lr_places() const {
  if (!options_.rising_lr) {
    if (has("lr")) return;
    throw InputError("the command has no {lr}", "",
                     "put it where the learning rate goes: --lr {lr}");
  }
  if (has("lr")) {
    throw InputError("the command has {lr} beside {lr_min} or {lr_max}", "",
                     "take it out: its learning rate rises from the one to the other");
  }
  if (has("lr_min") && has("lr_max")) return;
  throw InputError(fmt::format("the command has no {{{}}}", has("lr_min") ? "lr_max" : "lr_min"),
                   "",
                   "put both where the ends of the ramp go: --lr-min {lr_min} --lr-max {lr_max}");
}

// A batch that is made of passes: the program must be told of them.
void ProgramTemplate::check_passes() const {
  const bool is_told = has("micro_batch_size") || has("grad_accum");
  if (is_told && !options_.micro_batch_size) {
    refuse_missing(has("grad_accum") ? "grad_accum" : "micro_batch_size", "micro_batch_size");
  }
  if (options_.micro_batch_size && !is_told) {
    refuse_unused("micro_batch_size", "the command has neither {micro_batch_size} nor {grad_accum}",
                  "put them where these numbers go, as --micro-batch-size {micro_batch_size} "
                  "--accumulation-steps {grad_accum}");
  }
  if (options_.replicas > 1 && !options_.micro_batch_size) {
    refuse_unused("replicas", field_name("micro_batch_size") + " is not",
                  "give that too: together they say how many passes, {grad_accum}, make a batch");
  }
}

// What is one file for all trials says nothing of each.
void ProgramTemplate::check_metric_file() const {
  const std::set<std::string> places = metric_file_->places();
  const bool is_own = places.contains("out") || places.contains("trial") || places.contains("lr");
  if (is_own) return;
  throw InputError(
      fmt::format("{} is '{}', the same for every trial", field_name("metric_file"),
                  shortened(options_.metric_file)),
      "", "let the program write it below a directory of the trial's own: {out}/metrics.csv");
}

PlaceValues ProgramTemplate::values_of(std::int64_t trial, const TrialSpec& spec,
                                       const AttemptFiles& files) const {
  PlaceValues values;
  const auto put = [&](const char* place, auto value) { values[place] = fmt::format("{}", value); };
  put("batch_size", spec.batch_size);
  put("lr", spec.lr);
  if (options_.rising_lr) {
    put("lr_min", options_.rising_lr->lowest);
    put("lr_max", options_.rising_lr->highest);
  }
  put("seed", spec.seed);
  put("trial", trial);
  values["out"] = files.own.string();
  values["config"] = (files.directory / options_.config.filename()).string();
  if (options_.epochs) put("epochs", *options_.epochs);
  if (options_.examples) {
    put("examples", *options_.examples);
    put("steps", divided_up(*options_.examples, spec.batch_size));
  }
  if (options_.steps) {
    put("steps", *options_.steps);
    put("examples", *options_.steps * spec.batch_size);
  }
  if (options_.micro_batch_size) {
    put("micro_batch_size", *options_.micro_batch_size);
    put("grad_accum", spec.batch_size / options_.pass_size());
  }
  const auto warmup = options_.warmup_steps.find(spec.batch_size);
  if (warmup != options_.warmup_steps.end()) put("warmup_steps", warmup->second);
  for (const NamedSetting& setting : kMovableSettings) {
    const auto moved = spec.moved.*setting.value;
    const auto value = moved ? moved : options_.settings.*setting.value;
    if (value) values[std::string(setting.name)] = fmt::format("{}", *value);
  }
  return values;
}

void ProgramTemplate::check_values(const TrialSpec& spec) const {
  const PlaceValues values = values_of(1, spec, AttemptFiles("1"));
  refuse_valueless(places_, values);
  if (metric_file_) refuse_valueless(metric_file_->places(), values);
}

std::filesystem::path ProgramTemplate::metric_file(std::int64_t trial, const TrialSpec& spec,
                                                   const AttemptFiles& files) const {
  if (!metric_file_) return {};
  const PlaceValues values = values_of(trial, spec, files);
  refuse_valueless(metric_file_->places(), values);
  return std::filesystem::absolute(metric_file_->with(values)).lexically_normal();
}

Launch ProgramTemplate::fill(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files,
                             const Slot& slot) const {
  const PlaceValues values = values_of(trial, spec, files);
  refuse_valueless(places_, values);
  Launch launch;
  launch.study = options_.study;
  for (const PlacedText& argument : arguments_) launch.arguments.push_back(argument.with(values));
  // A Python program that prints to a pipe or a file keeps its lines to itself, and loses them when
  // it is stopped.
  launch.environment = {{"PYTHONUNBUFFERED", "1"}};
  for (const auto& [name, value] : environment_) {
    launch.environment.emplace_back(name, value.with(values));
  }
  launch.environment.insert(launch.environment.end(), slot.begin(), slot.end());
  launch.unset = options_.unset;
  launch.grace = options_.grace;
  launch.limit = options_.limit;
  if (config_) write_file_atomically(values.at("config"), config_->with(values));
  return launch;
}

}  // namespace etalon
