#include "scaling/schedule_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "etalon/error.hpp"
#include "scaling/check.hpp"

namespace etalon {
namespace {

using Settings = ScheduleSettings;

constexpr std::array kSchedules = {"constant",   "step",     "exponential",   "linear",
                                   "polynomial", "cosine",   "warm-restarts", "wsd",
                                   "one-cycle",  "cyclical", "plateau"};

constexpr std::array<ScheduleSetting, 10> kSettings = {{
    {"floor", &Settings::floor},
    {"gamma", &Settings::gamma},
    {"decay_power", &Settings::decay_power},
    {"decay_share", &Settings::decay_share},
    {"cycles", &Settings::cycles},
    {"cycle_growth", &Settings::cycle_growth},
    {"plateau_factor", &Settings::plateau_factor},
    {"plateau_patience", &Settings::plateau_patience},
    {"plateau_threshold", &Settings::plateau_threshold},
    {"plateau_cooldown", &Settings::plateau_cooldown},
}};

// What a setting must satisfy, and the schedules that have it.
struct Constraint {
  double least;
  bool least_itself;
  double most;
  bool most_itself;
  bool whole;
  const char* text;
  std::string_view schedules;
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// In the order of kSettings.
constexpr std::array<Constraint, 10> kConstraints = {{
    {0, true, 1, true, false, "0 <= value <= 1",
     "exponential linear polynomial cosine warm-restarts wsd cyclical plateau"},
    {0, false, 1, true, false, "0 < value <= 1", "step cyclical"},
    {0, false, kInfinity, false, false, "0 < value < infinity", "polynomial"},
    {0, false, 1, true, false, "0 < value <= 1", "wsd"},
    {1, true, 1e6, true, true, "a whole number in [1, 1e6]", "warm-restarts cyclical"},
    {1, true, 1000, true, true, "a whole number in [1, 1000]", "warm-restarts"},
    {0, false, 1, false, false, "0 < value < 1", "plateau"},
    {0, true, 1e9, true, true, "a whole number in [0, 1e9]", "plateau"},
    {0, true, 1, false, false, "0 <= value < 1", "plateau"},
    {0, true, 1e9, true, true, "a whole number in [0, 1e9]", "plateau"},
}};

constexpr std::array<ScheduleChoice, 3> kChoices = {{
    {"warmup_kind", &Settings::warmup_kind},
    {"decay_form", &Settings::decay_form},
    {"cycle_mode", &Settings::cycle_mode},
}};

// The words that each of kChoices takes, and the schedules that have it; empty: every one.
struct Words {
  std::string_view words;
  std::string_view schedules;
};

constexpr std::array<Words, 3> kWords = {{
    {"linear constant", ""},
    {"linear cosine one-minus-sqrt", "wsd"},
    {"triangular halving exponential", "cyclical"},
}};

constexpr std::string_view kDecaysThatEnd = "linear polynomial cosine wsd one-cycle";

// Whether `name` is one of the words of `list`.
bool is_among(std::string_view name, std::string_view list) {
  const std::string padded = fmt::format(" {} ", list);
  return padded.find(fmt::format(" {} ", name)) != std::string::npos;
}

bool satisfies(const Constraint& constraint, double value) {
  const bool above = constraint.least_itself ? value >= constraint.least : value > constraint.least;
  const bool below = constraint.most_itself ? value <= constraint.most : value < constraint.most;
  return above && below && (!constraint.whole || value == std::floor(value));
}

[[noreturn]] void refuse_foreign(const Recipe& recipe, std::string_view what,
                                 std::string_view schedules) {
  if (recipe.schedule.empty()) {
    throw InputError(fmt::format("{} is given without a schedule", what), "",
                     fmt::format("add --schedule; these have it: {}", schedules));
  }
  throw InputError(fmt::format("schedule {} has no {}", recipe.schedule, what), "",
                   fmt::format("leave it out; these have it: {}", schedules));
}

void check_settings(const Recipe& recipe) {
  for (std::size_t i = 0; i < kSettings.size(); ++i) {
    const std::optional<double>& value = recipe.schedule_settings.*kSettings[i].value;
    if (!value) continue;
    if (!satisfies(kConstraints[i], *value))
      reject(kSettings[i].name, *value, kConstraints[i].text);
    if (!is_among(recipe.schedule, kConstraints[i].schedules)) {
      refuse_foreign(recipe, kSettings[i].name, kConstraints[i].schedules);
    }
  }
}

void check_choices(const Recipe& recipe) {
  for (std::size_t i = 0; i < kChoices.size(); ++i) {
    const std::string& value = recipe.schedule_settings.*kChoices[i].value;
    if (value.empty()) continue;
    if (!is_among(value, kWords[i].words)) {
      throw InputError(fmt::format("{} is '{}'", kChoices[i].name, value), "",
                       fmt::format("use one of {}", kWords[i].words));
    }
    if (!kWords[i].schedules.empty() && !is_among(recipe.schedule, kWords[i].schedules)) {
      refuse_foreign(recipe, kChoices[i].name, kWords[i].schedules);
    }
  }
}

void check_steps(const Recipe& recipe) {
  const std::string& name = recipe.schedule;
  const bool has_milestones = !recipe.milestones.empty();
  if (has_milestones && recipe.step_every) {
    throw InputError("milestones and step_every are both given", "", "leave one of them out");
  }
  if (has_milestones && !name.empty() && name != "step") {
    refuse_foreign(recipe, "milestones", "step");
  }
  if (recipe.step_every) {
    check_positive("step_every", recipe.step_every->amount);
    if (!name.empty() && name != "step") refuse_foreign(recipe, "step_every", "step");
  }
  if (!has_milestones && !recipe.step_every && name == "step") {
    throw InputError("schedule step has no milestones", "", "give them, or another schedule");
  }
}

}  // namespace

std::span<const ScheduleSetting> schedule_setting_list() { return kSettings; }
std::span<const ScheduleChoice> schedule_choice_list() { return kChoices; }

void check_schedule(const Recipe& recipe) {
  const std::string& name = recipe.schedule;
  if (!name.empty() && std::find(kSchedules.begin(), kSchedules.end(), name) == kSchedules.end()) {
    throw InputError(fmt::format("there is no schedule '{}'", name), "",
                     fmt::format("use one of {}", fmt::join(kSchedules, ", ")));
  }
  check_settings(recipe);
  check_choices(recipe);
  check_steps(recipe);
  if (recipe.decay_end) {
    check_positive("decay_end", recipe.decay_end->amount);
    if (!is_among(name, kDecaysThatEnd)) refuse_foreign(recipe, "decay end", kDecaysThatEnd);
  }
  if (name == "exponential" && recipe.schedule_settings.floor.value_or(0) == 0) {
    throw InputError("schedule exponential has no floor above 0 to decay to", "", "give --floor");
  }
  if (!recipe.schedule_settings.warmup_kind.empty() && !recipe.warmup) {
    throw InputError("warmup_kind is given without a warm-up", "", "give its length");
  }
  if (recipe.warmup_start) {
    if (!(*recipe.warmup_start >= 0 && *recipe.warmup_start <= 1)) {
      reject("warmup_start", *recipe.warmup_start, "0 <= value <= 1");
    }
    if (!recipe.warmup) {
      throw InputError("warmup_start is given without a warm-up", "", "give its length");
    }
  }
}

}  // namespace etalon
