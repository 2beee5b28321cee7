#include "train/schedule_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/choice.hpp"
#include "etalon/error.hpp"
#include "schedule/enum_names.hpp"
#include "train/require.hpp"

namespace etalon {
namespace {

void require_duration(const char* what, const Duration& duration) {
  if (std::isfinite(duration.amount) && duration.amount > 0.0) return;
  throw InputError(fmt::format("{} is {}", what, duration.amount), "", "it must be finite and > 0");
}

// How many of `duration` there are in units of `batch_size` examples.
double in_steps(const Duration& duration, std::int64_t batch_size, std::int64_t dataset_size) {
  const auto batch = static_cast<double>(batch_size);
  switch (duration.unit) {
    case DurationUnit::steps:
      return duration.amount;
    case DurationUnit::epochs:
      return duration.amount * static_cast<double>(dataset_size) / batch;
    case DurationUnit::examples:
      return duration.amount / batch;
  }
  return duration.amount;
}

// Where the batch size changes, so does the length of a step.
void refuse_steps(const char* what, const std::optional<Duration>& duration) {
  if (!duration || duration->unit != DurationUnit::steps) return;
  throw InputError(
      fmt::format("{} is counted in steps, whose length the batch schedule changes", what), "",
      "count it in epochs or examples");
}

template <typename Enum>
std::string name_of(Enum value) {
  for (const auto& [entry, name] : enum_names(value)) {
    if (entry == value) return std::string(name);
  }
  return "";
}

// Of the first of the cycles that fill `length`.
double first_cycle(const ScheduleOptions& options, double length) {
  const auto growth = static_cast<double>(options.cycle_growth);
  double cycles = 0.0;
  for (std::int64_t i = 0; i < options.cycles; ++i) cycles = 1.0 + growth * cycles;
  return length / cycles;
}

CyclicalShape cyclical_over(const ScheduleOptions& options, double length) {
  const auto cycle = length / static_cast<double>(options.cycles);
  CyclicalShape shape;
  shape.up = shape.down = cycle / 2.0;
  shape.low = options.floor;
  shape.mode = options.cycle_mode;
  if (shape.mode == CycleMode::exponential) shape.gamma = std::pow(options.gamma, 1.0 / cycle);
  return shape;
}

// The shape over `length` steps; milestones and `every` are in steps already.
Shape shape_over(const ScheduleOptions& options, double length, std::vector<double> milestones,
                 std::optional<double> every) {
  const std::string& name = options.name;
  if (every) return StepShape{*every, options.gamma};
  if (name == "step") return MultiStepShape{std::move(milestones), options.gamma};
  if (name == "exponential") return ExponentialShape{std::pow(options.floor, 1.0 / length)};
  if (name == "linear") return PolynomialShape{length, 1.0, options.floor};
  if (name == "polynomial") return PolynomialShape{length, options.power, options.floor};
  if (name == "cosine") return CosineShape{length, options.floor};
  if (name == "warm-restarts")
    return WarmRestartsShape{first_cycle(options, length),
                             static_cast<double>(options.cycle_growth), options.floor};
  if (name == "wsd") {
    const double decay = options.decay_share * length;
    return StableDecayShape{length - decay, decay, options.decay_form, options.floor};
  }
  if (name == "one-cycle") {
    OneCycleShape shape;
    shape.length = length;
    shape.rise = 0.3 * length;
    return shape;
  }
  if (name == "cyclical") return cyclical_over(options, length);
  return ConstantShape{};
}

const char* unit_name(DurationUnit unit) {
  constexpr const char* kNames[] = {"steps", "epochs", "examples"};
  return kNames[static_cast<int>(unit)];
}

std::string to_text(const Duration& duration) {
  return fmt::format("{} {}", duration.amount, unit_name(duration.unit));
}

// Milestones or a distance, of step alone; milestones as the user gave them, in one unit.
void check_steps(const ScheduleOptions& options) {
  if (options.step_every) require_duration("the distance of the steps", *options.step_every);
  const bool has_milestones = !options.milestones.empty();
  if (options.name != "step" && (has_milestones || options.step_every)) {
    throw InputError(fmt::format("{} {} takes no {}", field_name("schedule"), options.name,
                                 has_milestones ? "milestones" : "distance of steps"),
                     "", with_fields("leave it out, or use `schedule` step"));
  }
  if (options.name == "step" && has_milestones == options.step_every.has_value()) {
    throw InputError(
        with_fields(has_milestones ? "`schedule` step has milestones and a distance of steps"
                                   : "`schedule` step has no milestones"),
        "",
        with_fields("give either `milestone_epochs` (or steps, examples) or "
                    "`step_every_epochs` (or steps, examples)"));
  }
  for (std::size_t i = 1; i < options.milestones.size(); ++i) {
    const Duration& before = options.milestones[i - 1];
    const Duration& after = options.milestones[i];
    if (before.unit != after.unit || before.amount < after.amount) continue;
    throw InputError(fmt::format("{} has {} after {}",
                                 field_name(fmt::format("milestone_{}", unit_name(after.unit))),
                                 after.amount, before.amount),
                     "", "give milestones in ascending order");
  }
}

}  // namespace

std::vector<std::string> schedule_names() {
  return {"constant", "step",          "exponential", "linear",    "polynomial",
          "cosine",   "warm-restarts", "wsd",         "one-cycle", "cyclical"};
}

std::string canonical_schedule(const std::string& name) {
  if (name == "multi-step") return "step";
  if (name == "warmup-stable-decay") return "wsd";
  if (name == "reduce-on-plateau") return "plateau";
  return name;
}

void ScheduleOptions::validate() const {
  auto names = schedule_names();
  names.emplace_back("plateau");
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw InputError(fmt::format("there is no schedule '{}'", name), "",
                     choose_instead(name, names));
  }
  if (warmup) require_duration("the warm-up", *warmup);
  for (const Duration& milestone : milestones) require_duration("a milestone", milestone);
  require(warmup_start >= 0.0 && warmup_start <= 1.0, "warmup_start", warmup_start, "in [0, 1]");
  require(gamma > 0.0 && gamma <= 1.0, "gamma", gamma, "in (0, 1]");
  require(std::isfinite(power) && power > 0.0, "decay_power", power, "finite and > 0");
  require(floor >= 0.0 && floor <= 1.0, "floor", floor, "in [0, 1]");
  require(cycles >= 1 && cycles <= 1'000'000, "cycles", static_cast<double>(cycles),
          "in [1, 1000000]");
  require(cycle_growth >= 1 && cycle_growth <= 1000, "cycle_growth",
          static_cast<double>(cycle_growth), "in [1, 1000]");
  require(cycle_growth == 1 || cycles <= 100, "cycles", static_cast<double>(cycles),
          "at most 100 where cycles grow");
  require(decay_share > 0.0 && decay_share <= 1.0, "decay_share", decay_share, "in (0, 1]");
  require(name != "exponential" || floor > 0.0, "floor", floor, "> 0 for exponential");
  require(plateau.factor > 0.0 && plateau.factor < 1.0, "plateau_factor", plateau.factor,
          "in (0, 1)");
  require(plateau.patience >= 0, "plateau_patience", static_cast<double>(plateau.patience), ">= 0");
  require(plateau.threshold >= 0.0 && plateau.threshold < 1.0, "plateau_threshold",
          plateau.threshold, "in [0, 1)");
  require(plateau.cooldown >= 0, "plateau_cooldown", static_cast<double>(plateau.cooldown), ">= 0");
  check_steps(*this);
  if (decay_end) {
    require_duration("the decay's end", *decay_end);
    const bool ends = name == "linear" || name == "polynomial" || name == "cosine" ||
                      name == "wsd" || name == "one-cycle";
    if (!ends) {
      throw InputError(fmt::format("{} {} has no decay that ends", field_name("schedule"), name),
                       "",
                       "leave the decay's end out, or use linear, polynomial, cosine, wsd or "
                       "one-cycle");
    }
  }
}

Schedule fit_schedule(const ScheduleOptions& options, double lr, std::int64_t steps,
                      std::int64_t batch_size, std::int64_t dataset_size) {
  options.validate();
  Schedule schedule;
  schedule.peak_lr = lr;
  const double end = options.decay_end ? in_steps(*options.decay_end, batch_size, dataset_size)
                                       : static_cast<double>(steps);
  double warmup = 0.0;
  if (options.warmup) {
    warmup = in_steps(*options.warmup, batch_size, dataset_size);
    schedule.warmup.length = warmup;
    schedule.warmup.start = options.warmup_start;
    schedule.warmup.kind = options.warmup_kind;
    schedule.warmup.beneath = options.name == "step" || options.name == "cyclical";
  }
  if (warmup >= std::min(end, static_cast<double>(steps))) {
    throw InputError(fmt::format("the warm-up takes {:.6g} steps of {:.6g} at batch size {}",
                                 warmup, std::min(end, static_cast<double>(steps)), batch_size),
                     "", "shorten it or raise the budget");
  }
  std::vector<double> milestones;
  for (const Duration& milestone : options.milestones) {
    milestones.push_back(in_steps(milestone, batch_size, dataset_size));
  }
  std::optional<double> every;
  if (options.step_every) every = in_steps(*options.step_every, batch_size, dataset_size);
  const double start = schedule.warmup.beneath ? 0.0 : warmup;
  schedule.shape = shape_over(options, end - start, std::move(milestones), every);
  schedule.validate();
  return schedule;
}

Schedule fit_schedule_in_examples(const ScheduleOptions& options, double lr, std::int64_t examples,
                                  std::int64_t dataset_size) {
  refuse_steps("the warm-up", options.warmup);
  refuse_steps("the decay's end", options.decay_end);
  refuse_steps("the distance of the steps", options.step_every);
  for (const Duration& milestone : options.milestones) refuse_steps("a milestone", milestone);
  Schedule schedule = fit_schedule(options, lr, examples, 1, dataset_size);  // a step per example
  schedule.unit = DurationUnit::examples;
  return schedule;
}

PlateauOptions plateau_options(const ScheduleOptions& options, double lr) {
  PlateauOptions plateau = options.plateau;
  plateau.lr = lr;
  plateau.min_lr = options.floor * lr;
  return plateau;
}

std::vector<std::pair<std::string, std::string>> schedule_settings(const ScheduleOptions& options) {
  std::vector<std::pair<std::string, std::string>> settings = {{"schedule", options.name}};
  const auto add = [&](const char* name, double value) {
    settings.emplace_back(name, fmt::format("{}", value));
  };
  if (options.warmup) {
    settings.emplace_back("warmup", to_text(*options.warmup));
    add("warmup_start", options.warmup_start);
    if (options.warmup_kind != WarmupKind::linear) {
      settings.emplace_back("warmup_kind", name_of(options.warmup_kind));
    }
  }
  std::vector<std::string> milestones;
  for (const Duration& milestone : options.milestones) milestones.push_back(to_text(milestone));
  if (!milestones.empty()) {
    settings.emplace_back("milestones", fmt::format("{}", fmt::join(milestones, ", ")));
  }
  if (options.step_every) settings.emplace_back("step_every", to_text(*options.step_every));
  const bool fading = options.name == "cyclical" && options.cycle_mode == CycleMode::exponential;
  if (options.name == "step" || fading) add("gamma", options.gamma);
  if (options.decay_end) settings.emplace_back("decay_end", to_text(*options.decay_end));
  if (options.is_plateau()) {
    add("plateau_factor", options.plateau.factor);
    add("plateau_patience", static_cast<double>(options.plateau.patience));
    add("plateau_threshold", options.plateau.threshold);
    add("plateau_cooldown", static_cast<double>(options.plateau.cooldown));
  }
  if (options.name == "polynomial") add("decay_power", options.power);
  if (options.name == "wsd") {
    add("decay_share", options.decay_share);
    if (options.decay_form != DecayForm::linear) {
      settings.emplace_back("decay_form", name_of(options.decay_form));
    }
  }
  if (options.name == "warm-restarts" || options.name == "cyclical") {
    add("cycles", static_cast<double>(options.cycles));
    if (options.name == "warm-restarts" && options.cycle_growth != 1) {
      add("cycle_growth", static_cast<double>(options.cycle_growth));
    }
    if (options.name == "cyclical" && options.cycle_mode != CycleMode::triangular) {
      settings.emplace_back("cycle_mode", name_of(options.cycle_mode));
    }
  }
  if (options.name != "constant" && options.name != "step" && options.name != "one-cycle") {
    add("floor", options.floor);
  }
  return settings;
}

}  // namespace etalon
