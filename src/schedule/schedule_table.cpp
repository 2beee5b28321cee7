#include "schedule/schedule_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "schedule/enum_names.hpp"

namespace etalon {
namespace {

using Options = ScheduleOptions;

constexpr auto kWarmupWords = words_of(kWarmupKindNames);
constexpr auto kDecayFormWords = words_of(kDecayFormNames);
constexpr auto kCycleModeWords = words_of(kCycleModeNames);
constexpr std::int64_t kMostEvaluations = 1'000'000'000;

// In the order in which a training's settings have always been written.
constexpr ScheduleSetting kSettings[] = {
    {"warmup", "warm-up", LengthSetting{&Options::warmup}},
    {"warmup_start", "share of the learning rate where the warm-up starts",
     NumberSetting{&Options::warmup_start, kShare, 0.0}},
    {"warmup_kind", "how the warm-up goes", WordSetting{&Options::warmup_kind, kWarmupWords}},
    {"milestone", "where it decays, separated by commas", LengthsSetting{&Options::milestones}},
    {"step_every", "distance between decays, in place of milestones",
     LengthSetting{&Options::step_every}},
    {"gamma", "factor at each milestone, or in each exponential cycle",
     NumberSetting{&Options::gamma, kPositiveShare, 0.1}},
    {"decay_end", "where the decay ends, if not with the budget",
     LengthSetting{&Options::decay_end}},
    {"decay_scale",
     "over which it falls by the root of 2, if it is another length than the warm-up's",
     LengthSetting{&Options::decay_scale}},
    {"plateau_factor", "the learning rate times this when the loss stalls",
     NumberSetting{&Options::plateau_factor, kInnerShare, 0.1}},
    {"plateau_patience", "evaluations without a better loss that are forgiven",
     CountSetting{&Options::plateau_patience, 0, kMostEvaluations, 2}},
    {"plateau_threshold", "a better loss is lower by more than this share",
     NumberSetting{&Options::plateau_threshold, kDecayCoefficient, 1e-4}},
    {"plateau_cooldown", "evaluations after a reduction that do not count",
     CountSetting{&Options::plateau_cooldown, 0, kMostEvaluations, 0}},
    {"decay_power", "exponent of the decay", NumberSetting{&Options::decay_power, kPositive, 2.0}},
    {"decay_share", "part of the budget that decays",
     NumberSetting{&Options::decay_share, kPositiveShare, 0.2}},
    {"decay_form", "how it decays", WordSetting{&Options::decay_form, kDecayFormWords}},
    {"cycles", "number of cycles", CountSetting{&Options::cycles, 1, 1'000'000, 4}},
    {"cycle_growth", "each cycle's length over that of the one before",
     CountSetting{&Options::cycle_growth, 1, 1000, 1}},
    {"cycle_mode", "how high the cycles are", WordSetting{&Options::cycle_mode, kCycleModeWords}},
    {"floor", "share of the learning rate where a decay ends",
     NumberSetting{&Options::floor, kShare, 0.0}},
};

constexpr std::string_view kWarmupSettings = "warmup warmup_start warmup_kind";

// Of the first of the cycles that fill `length`.
double first_cycle(const Options& full, double length) {
  const auto growth = static_cast<double>(*full.cycle_growth);
  double cycles = 0.0;
  for (std::int64_t i = 0; i < *full.cycles; ++i) cycles = 1.0 + growth * cycles;
  return length / cycles;
}

Shape fit_constant(const Options&, const FittedLengths&) { return ConstantShape{}; }
Shape fit_step(const Options& full, const FittedLengths& lengths) {
  if (lengths.step_every) return StepShape{*lengths.step_every, *full.gamma};
  return MultiStepShape{lengths.milestones, *full.gamma};
}
Shape fit_exponential(const Options& full, const FittedLengths& lengths) {
  return ExponentialShape{std::pow(*full.floor, 1.0 / lengths.length)};
}
Shape fit_linear(const Options& full, const FittedLengths& lengths) {
  return PolynomialShape{lengths.length, 1.0, *full.floor};
}
Shape fit_polynomial(const Options& full, const FittedLengths& lengths) {
  return PolynomialShape{lengths.length, *full.decay_power, *full.floor};
}
Shape fit_cosine(const Options& full, const FittedLengths& lengths) {
  return CosineShape{lengths.length, *full.floor};
}
Shape fit_warm_restarts(const Options& full, const FittedLengths& lengths) {
  return WarmRestartsShape{first_cycle(full, lengths.length),
                           static_cast<double>(*full.cycle_growth), *full.floor};
}
Shape fit_stable_decay(const Options& full, const FittedLengths& lengths) {
  const double decay = *full.decay_share * lengths.length;
  return StableDecayShape{lengths.length - decay, decay, *enum_of_name<DecayForm>(full.decay_form),
                          *full.floor};
}
Shape fit_one_cycle(const Options&, const FittedLengths& lengths) {
  OneCycleShape shape;
  shape.length = lengths.length;
  shape.rise = 0.3 * lengths.length;
  return shape;
}
Shape fit_cyclical(const Options& full, const FittedLengths& lengths) {
  const double cycle = lengths.length / static_cast<double>(*full.cycles);
  CyclicalShape shape;
  shape.up = shape.down = cycle / 2.0;
  shape.low = *full.floor;
  shape.mode = *enum_of_name<CycleMode>(full.cycle_mode);
  if (shape.mode == CycleMode::exponential) shape.gamma = std::pow(*full.gamma, 1.0 / cycle);
  return shape;
}

Shape fit_inverse_sqrt(const Options&, const FittedLengths& lengths) {
  return InverseSqrtShape{*lengths.decay_scale};
}

constexpr std::string_view kSgdr = "Loshchilov & Hutter 2016, arXiv:1608.03983";

constexpr ScheduleKind kKinds[] = {
    {"constant", "", "stays", "", "", false, false, fit_constant},
    {"step", "multi-step", "times gamma at each milestone", "milestone step_every gamma",
     "Goyal et al. 2017, arXiv:1706.02677", true, false, fit_step},
    {"exponential", "", "falls by the same factor each step, to the floor", "floor", "", false,
     true, fit_exponential},
    {"linear", "", "falls in a straight line to the floor", "decay_end floor", "", false, true,
     fit_linear},
    {"polynomial", "", "falls as a power of what is left, to the floor",
     "decay_end decay_power floor", "", false, true, fit_polynomial},
    {"cosine", "", "falls along half a cosine to the floor", "decay_end floor", kSgdr, false, true,
     fit_cosine},
    {"warm-restarts", "", "falls along a cosine again and again, each from the peak",
     "cycles cycle_growth floor", kSgdr, false, true, fit_warm_restarts},
    {"wsd", "warmup-stable-decay", "stays, then falls over the last part",
     "decay_end decay_share decay_form floor",
     "Hu et al. 2024, arXiv:2404.06395; Hägele et al. 2024, arXiv:2405.18392", false, true,
     fit_stable_decay},
    {"one-cycle", "", "rises, then falls to nothing; momentum the other way", "decay_end",
     "Smith & Topin 2017, arXiv:1708.07120", false, true, fit_one_cycle},
    {"cyclical", "", "rises and falls again and again", "gamma cycles cycle_mode floor",
     "Smith 2015, arXiv:1506.01186", true, true, fit_cyclical},
    {"inverse-sqrt", "", "falls as one over the root of the time since the start", "decay_scale",
     "Vaswani et al. 2017, arXiv:1706.03762", false, false, fit_inverse_sqrt},
    {"plateau", "reduce-on-plateau", "falls whenever the loss stalls",
     "plateau_factor plateau_patience plateau_threshold plateau_cooldown floor", "", false, false,
     fit_constant},
};

// Whether `name` is one of the words of `list`.
bool is_word_of(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    if (list.substr(0, end) == name) return true;
    list = end == std::string_view::npos ? "" : list.substr(end + 1);
  }
  return false;
}

struct DefaultFiller {
  Options& full;
  void operator()(const NumberSetting& number) const {
    if (!(full.*number.value)) full.*number.value = number.otherwise;
  }
  void operator()(const CountSetting& count) const {
    if (!(full.*count.value)) full.*count.value = count.otherwise;
  }
  void operator()(const WordSetting& word) const {
    if ((full.*word.value).empty()) full.*word.value = word.words.front();
  }
  void operator()(const LengthSetting&) const {}
  void operator()(const LengthsSetting&) const {}
};

struct GivenSetting {
  const Options& options;
  bool operator()(const NumberSetting& it) const { return (options.*it.value).has_value(); }
  bool operator()(const CountSetting& it) const { return (options.*it.value).has_value(); }
  bool operator()(const LengthSetting& it) const { return (options.*it.value).has_value(); }
  bool operator()(const WordSetting& it) const { return !(options.*it.value).empty(); }
  bool operator()(const LengthsSetting& it) const { return !(options.*it.value).empty(); }
};

// Those that have this setting of their own.
std::vector<std::string_view> names_with(const ScheduleSetting& setting) {
  std::vector<std::string_view> names;
  for (const ScheduleKind& kind : kKinds) {
    if (kind.has(setting.name)) names.push_back(kind.name);
  }
  return names;
}

// "a, b and c"; of none nothing.
std::string list_of(std::vector<std::string_view> names) {
  if (names.empty()) return "";
  const std::string last(names.back());
  names.pop_back();
  return names.empty() ? last : fmt::format("{} and {}", fmt::join(names, ", "), last);
}

}  // namespace

std::span<const ScheduleSetting> all_schedule_settings() { return kSettings; }
std::span<const ScheduleKind> schedule_kinds() { return kKinds; }

bool ScheduleSetting::is_given(const ScheduleOptions& options) const {
  return std::visit(GivenSetting{options}, kind);
}

bool ScheduleKind::has(std::string_view setting) const {
  return is_word_of(setting, settings) || is_word_of(setting, kWarmupSettings);
}

const ScheduleKind* find_schedule_kind(std::string_view name) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const ScheduleKind& kind) { return kind.name == name; });
  return found == std::end(kKinds) ? nullptr : &*found;
}

std::string schedules_with(const ScheduleSetting& setting) {
  if (is_word_of(setting.name, kWarmupSettings)) return "every schedule";
  return list_of(names_with(setting));
}

std::string planned_schedules_with(const ScheduleSetting& setting) {
  if (is_word_of(setting.name, kWarmupSettings)) return "every schedule";
  std::vector<std::string_view> names = names_with(setting);
  std::erase(names, "plateau");
  return list_of(names);
}

ScheduleOptions with_defaults(const ScheduleOptions& options) {
  ScheduleOptions full = options;
  full.name = options.schedule();
  const ScheduleKind* kind = find_schedule_kind(full.name);
  for (const ScheduleSetting& setting : kSettings) {
    const bool warms = is_word_of(setting.name, kWarmupSettings);
    if (warms ? full.warmup.has_value() : kind != nullptr && kind->has(setting.name)) {
      std::visit(DefaultFiller{full}, setting.kind);
    }
  }
  return full;
}

}  // namespace etalon
