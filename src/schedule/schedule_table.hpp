// What every schedule by name is, and every setting that one may have: the one place.
//
// From these two tables come the checks of ScheduleOptions, the settings of a training's
// fingerprint, the flags of every command, the keys of recipes in TOML and JSON, and the rows of
// docs/schedules.md; a test adds up that each schedule is complete in all of them. A new schedule
// is a row here and, where no shape of etalon/schedule.hpp is it, a shape.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/interval.hpp"
#include "etalon/schedule_options.hpp"

namespace etalon {

struct NumberSetting {
  std::optional<double> ScheduleOptions::*value;
  Interval range;
  double otherwise;  // what an empty value means
};
struct CountSetting {
  std::optional<std::int64_t> ScheduleOptions::*value;
  std::int64_t least, most;
  std::int64_t otherwise;
};
struct WordSetting {
  std::string ScheduleOptions::*value;
  std::span<const std::string_view> words;  // the first is meant where the value is empty
};
struct LengthSetting {
  std::optional<Duration> ScheduleOptions::*value;
};
struct LengthsSetting {
  std::vector<Duration> ScheduleOptions::*value;
};

struct ScheduleSetting {
  std::string_view name;  // "decay_share"; as a flag --decay-share, lengths with their unit behind
  std::string_view what;  // for whoever sets it
  std::variant<NumberSetting, CountSetting, WordSetting, LengthSetting, LengthsSetting> kind;

  bool is_length() const {
    return std::holds_alternative<LengthSetting>(kind) ||
           std::holds_alternative<LengthsSetting>(kind);
  }
  bool is_given(const ScheduleOptions& options) const;
};

std::span<const ScheduleSetting> all_schedule_settings();

// What a shape is fitted into, in steps.
struct FittedLengths {
  double length = 0.0;  // from where the shape begins to where it ends
  std::vector<double> milestones{};
  std::optional<double> step_every{};
  std::optional<double> decay_scale{};
};

struct ScheduleKind {
  std::string_view name;        // "wsd"
  std::string_view other_name;  // that is taken for it; may be empty
  std::string_view what;        // what the learning rate does, for people
  std::string_view settings;    // names of its settings, beside those of the warm-up
  std::string_view source;      // authors, year, arXiv id; may be empty
  bool beneath_warmup;          // runs from the start of the training, not from the warm-up's end
  bool fills_budget;            // needs a length: that of the training or decay_end
  // `full` has every default filled in.
  Shape (*shape)(const ScheduleOptions& full, const FittedLengths& lengths);

  bool has(std::string_view setting) const;
};

std::span<const ScheduleKind> schedule_kinds();

// Null for a name that is none.
const ScheduleKind* find_schedule_kind(std::string_view name);

// Those that have this setting, "step and cyclical"; "every schedule" for those of the warm-up.
std::string schedules_with(const ScheduleSetting& setting);
// The same without plateau, which is fixed by no plan beforehand; empty where it alone has it.
std::string planned_schedules_with(const ScheduleSetting& setting);

// `options` with every default filled in that its schedule has.
ScheduleOptions with_defaults(const ScheduleOptions& options);

}  // namespace etalon
