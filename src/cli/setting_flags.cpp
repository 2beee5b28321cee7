#include "cli/setting_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "campaign/moving_settings.hpp"
#include "cli/choices.hpp"
#include "cli/noise_scale_file.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_flags.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "study/rules.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kGroup = "Settings that move with the batch size";
constexpr const char* kWarmup = "warmup_steps";

// A setting with a place of its name, and where a recipe keeps it.
struct PlacedSetting {
  std::string_view name;
  std::optional<double> MovedSettings::*value;
  std::optional<double> Recipe::*field;
};

// All but the averaging of weights, which is no setting of an optimizer.
constexpr auto kPlaced = [] {
  std::array<PlacedSetting, kMovableSettings.size() - 1> placed{};
  for (std::size_t i = 0; i < placed.size(); ++i) {
    placed[i] = {kMovableSettings[i].name, kMovableSettings[i].value, kRecipeFields[i]};
  }
  return placed;
}();
static_assert(kMovableSettings.back().name == "ema");

std::vector<std::string> movable_rules() {
  std::vector<std::string> names;
  for (const RuleInfo& rule : scaling_rules()) names.emplace_back(rule.name);
  return names;
}

std::set<std::string> taken_by(const ProgramOptions& program) {
  std::set<std::string> taken;
  const std::set<std::string> places = program.places();
  for (const PlacedSetting& each : kPlaced) {
    if (places.contains(std::string(each.name))) taken.insert(std::string(each.name));
  }
  if (places.contains(kWarmup)) taken.insert(kWarmup);
  return taken;
}

// What chooses how settings move, given though the command takes none.
std::string given_for_nothing(const SettingFlags& flags) {
  if (!flags.rule.empty()) return "--rule";
  if (flags.known.noise_scale) return "--noise-scale";
  return flags.known.dataset_size ? "--dataset-size" : "";
}

// A weight decay of 0 says that there is none for a rule to move, and needs no place for that.
bool needs_no_place(const PlacedSetting& setting, double value) {
  return setting.name == "weight_decay" && value == 0.0;
}

// What is given and reaches no program.
void refuse_unplaced(const SettingFlags& flags, const std::set<std::string>& taken) {
  for (const PlacedSetting& each : kPlaced) {
    const std::optional<double> value = flags.recipe.*each.field;
    if (!value || taken.contains(std::string(each.name))) continue;
    if (!taken.empty() && needs_no_place(each, *value)) continue;
    throw InputError(
        fmt::format("{} is given, but the command has no {{{}}}", field_name(each.name), each.name),
        "",
        fmt::format("put it where its value goes, as {} {{{}}}", field_name(each.name), each.name));
  }
  const std::string given = given_for_nothing(flags);
  if (!taken.empty() || given.empty()) return;
  throw InputError(fmt::format("{} is given, but the command takes no setting that moves", given),
                   "", "put the settings where their values go, as --beta2 {beta2}");
}

// Of a warm-up that is given without a place, or has a place and is not given.
void check_warmup(const Recipe& recipe, const std::set<std::string>& taken) {
  const bool is_given = recipe.schedule.warmup.has_value();
  if (is_given == taken.contains(kWarmup)) return;
  if (is_given) {
    throw InputError("a warm-up is given, but the command has no {warmup_steps}", "",
                     "put it where its length goes: --warmup {warmup_steps}");
  }
  throw InputError("the command has {warmup_steps}, but no warm-up is given", "",
                   "give --warmup-steps, --warmup-examples or --warmup-epochs");
}

[[noreturn]] void refuse_valueless(std::string_view name, const Recipe& recipe) {
  const bool may_have = name == "momentum" && optimizer_info(recipe.optimizer).takes_momentum();
  throw InputError(fmt::format("the command has {{{}}}, which nothing gives a value", name), "",
                   may_have ? fmt::format("give {}", field_name(name))
                            : fmt::format("{} has none: name the program's --optimizer",
                                          to_string(recipe.optimizer)));
}

Recipe base_recipe(const SettingFlags& flags, std::int64_t base_batch_size,
                   const std::set<std::string>& taken) {
  Recipe recipe = flags.recipe;
  recipe.optimizer = parse_optimizer_family(flags.optimizer);
  recipe.batch = {.micro_batch = base_batch_size};
  recipe.lr = 1.0;
  recipe.schedule.warmup = length_of(flags.warmup);
  fill_defaults(recipe);
  if (taken.contains("weight_decay") && !recipe.weight_decay) recipe.weight_decay = 0.0;
  recipe.validate();
  check_warmup(recipe, taken);
  return recipe;
}

MovedSettings own_settings(const Recipe& recipe, const std::set<std::string>& taken) {
  MovedSettings own;
  for (const PlacedSetting& each : kPlaced) {
    if (!taken.contains(std::string(each.name))) continue;
    own.*each.value = recipe.*each.field;
    if (!(own.*each.value)) refuse_valueless(each.name, recipe);
  }
  return own;
}

// "beta1 0.9, beta2 0.999 (adamw's default), warmup_steps 100"
std::string own_text(const SettingFlags& flags, const MovedSettings& own) {
  std::vector<std::string> texts;
  for (const PlacedSetting& each : kPlaced) {
    const auto value = own.*each.value;
    if (!value) continue;
    const bool is_given = (flags.recipe.*each.field).has_value();
    texts.push_back(fmt::format("{} {}{}", each.name, *value,
                                is_given ? "" : fmt::format(" ({}'s default)", flags.optimizer)));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string moves_text(const SettingsAnswer& answer) {
  std::vector<std::string> names = moved_names(answer.moving);
  if (!answer.warmup_steps.empty()) names.emplace_back(kWarmup);
  if (names.empty()) return fmt::format("rule {} leaves them as they are", answer.moving.rule);
  return fmt::format("rule {} moves {}", answer.moving.rule, fmt::join(names, ", "));
}

void note_choice(const SettingFlags& flags, const ProgramOptions& program,
                 const SettingsAnswer& answer, std::vector<std::string>& notes) {
  const std::string own = own_text(flags, program.settings);
  notes.push_back(fmt::format("at B={} {}{}{}", answer.moving.base_batch_size, own,
                              own.empty() ? "" : "; from there ", moves_text(answer)));
  if (!answer.warmup_steps.empty()) {
    std::vector<std::string> steps;
    for (const auto& [batch_size, count] : answer.warmup_steps) {
      steps.push_back(fmt::format("{} at {}", count, batch_size));
    }
    notes.push_back(fmt::format("steps of warm-up: {}", fmt::join(steps, ", ")));
  }
  for (const OmittedRule& omitted : answer.left_out) {
    notes.push_back(
        fmt::format("rule {} is left out: it also moves {}, which the command does not "
                    "take",
                    omitted.rule, omitted.why));
  }
}

}  // namespace

void add_setting_flags(CLI::App& app, SettingFlags& flags) {
  app.add_option("--optimizer", flags.optimizer, "The program's: chooses priors, defaults, rules")
      ->transform(one_of(optimizer_names()))
      ->capture_default_str()
      ->group(kGroup);
  const auto add = [&](const char* flag, std::optional<double>& value, const char* what) {
    return app.add_option(flag, value, what)->check(real_number())->group(kGroup);
  };
  add("--momentum", flags.recipe.momentum, "{momentum}; no rule moves it");
  add("--beta1", flags.recipe.beta1, "{beta1} at the base batch size; default the optimizer's");
  add("--beta2", flags.recipe.beta2, "{beta2}; for rmsprop its smoothing constant");
  add("--eps", flags.recipe.eps, "{eps}, outside the square root");
  add("--weight-decay", flags.recipe.weight_decay, "{weight_decay}, in PyTorch's convention");
  add_length_flags(app, "warmup", "{warmup_steps} at the base batch size", flags.warmup, kGroup);
  app.add_option("--dataset-size", flags.known.dataset_size, "Examples in an epoch of the warm-up")
      ->check(whole_number())
      ->group(kGroup);
  app.add_option("--rule", flags.rule,
                 "How they move; default what etalon scale recommends, where the command takes all "
                 "that it moves")
      ->transform(one_of(movable_rules()))
      ->group(kGroup);
  add("--noise-scale", flags.known.noise_scale,
      "In examples, or a file of etalon noise --format json; for the rules that need it")
      ->transform(number_or_noise_file());
}

MovingSettings place_settings(const SettingFlags& flags, std::int64_t base_batch_size,
                              const std::vector<std::int64_t>& batch_sizes, ProgramOptions& program,
                              std::vector<std::string>& notes) {
  const std::set<std::string> taken = taken_by(program);
  refuse_unplaced(flags, taken);
  const Recipe recipe = base_recipe(flags, base_batch_size, taken);
  if (taken.empty()) return {};
  program.settings = own_settings(recipe, taken);
  const SettingsAnswer answer = move_settings({.base = recipe,
                                               .batch_sizes = batch_sizes,
                                               .taken = taken,
                                               .rule = flags.rule,
                                               .known = flags.known});
  program.warmup_steps = answer.warmup_steps;
  note_choice(flags, program, answer, notes);
  return answer.moving;
}

}  // namespace etalon::cli
