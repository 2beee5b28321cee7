// Every schedule with every setting that it can have away from its default, made from the table of
// schedules itself, so that a new row is tested wherever these samples are.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "schedule/schedule_table.hpp"

namespace etalon::testing {

// The training that the samples are for, and the unit in which their lengths are counted.
struct SampledTraining {
  double steps = 200;
  std::int64_t batch_size = 100;
  std::int64_t dataset_size = 10000;
  DurationUnit unit = DurationUnit::steps;

  // A share of the training: in whole steps, or to four decimals as people give epochs.
  Duration share(double of) const {
    if (unit == DurationUnit::steps) return {std::round(of * steps), unit};
    const double amount = *in_unit({of * steps, DurationUnit::steps}, unit,
                                   static_cast<double>(batch_size), dataset_size);
    return {std::round(amount * 1e4) / 1e4, unit};
  }
};

struct ScheduleSample {
  std::string name;
  ScheduleOptions options;
};

// Sets one setting away from its default.
struct SampleSetter {
  ScheduleOptions& options;
  const SampledTraining& training;
  std::string_view name;

  void operator()(const NumberSetting& number) const {
    options.*number.value = std::isfinite(number.range.most) ? 0.25 : 3.0;
  }
  void operator()(const CountSetting& count) const { options.*count.value = count.least + 2; }
  void operator()(const WordSetting& word) const { options.*word.value = word.words.back(); }
  void operator()(const LengthSetting& length) const {
    options.*length.value = training.share(name == "warmup"      ? 0.11
                                           : name == "decay_end" ? 0.8
                                                                 : 0.17);
  }
  void operator()(const LengthsSetting& lengths) const {
    options.*lengths.value = {training.share(0.07), training.share(0.3), training.share(0.75)};
  }
};

inline void set_sample(ScheduleOptions& options, const SampledTraining& training,
                       const ScheduleSetting& setting) {
  std::visit(SampleSetter{options, training, setting.name}, setting.kind);
}

// With all settings of `kind` but those of the warm-up and, if `early` is not set, decay_end. A
// schedule of which two settings exclude each other gives several.
inline std::vector<ScheduleSample> samples_of(const ScheduleKind& kind,
                                              const SampledTraining& training, bool early) {
  ScheduleSample sample{std::string(kind.name), {}};
  sample.options.name = kind.name;
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    const bool warms = setting.name.starts_with("warmup");
    if (!kind.has(setting.name) || warms || (setting.name == "decay_end" && !early)) continue;
    set_sample(sample.options, training, setting);
  }
  if (kind.name != "step") return {sample};
  ScheduleSample every{"step_every", sample.options};
  every.options.milestones.clear();
  sample.options.step_every.reset();
  return {sample, every};
}

// The same with each word of the settings that are words.
inline std::vector<ScheduleSample> all_words_of(const ScheduleSample& sample) {
  std::vector<ScheduleSample> samples = {sample};
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    const auto* word = std::get_if<WordSetting>(&setting.kind);
    if (word == nullptr || !setting.is_given(sample.options)) continue;
    for (const std::string_view each : word->words) {
      ScheduleSample other{fmt::format("{} {}", sample.name, each), sample.options};
      other.options.*word->value = each;
      if (setting.name == "cycle_mode" && each != "exponential") other.options.gamma.reset();
      samples.push_back(other);
    }
  }
  return samples;
}

// Without a warm-up, and with each kind of one.
inline std::vector<ScheduleSample> with_warmups(const ScheduleSample& sample,
                                                const SampledTraining& training) {
  std::vector<ScheduleSample> samples = {sample};
  for (const char* kind : {"", "linear", "constant"}) {
    ScheduleSample warm{fmt::format("{} after warm-up '{}'", sample.name, kind), sample.options};
    warm.options.warmup = training.share(0.11);
    warm.options.warmup_kind = kind;
    if (*kind != '\0') warm.options.warmup_start = 0.2;
    samples.push_back(warm);
  }
  return samples;
}

// Every schedule × its words × an early end × warm-ups.
inline std::vector<ScheduleSample> schedule_samples(const SampledTraining& training) {
  std::vector<ScheduleSample> all;
  for (const ScheduleKind& kind : schedule_kinds()) {
    for (const bool early : {false, true}) {
      if (early && !kind.has("decay_end")) continue;
      for (const ScheduleSample& sample : samples_of(kind, training, early)) {
        for (const ScheduleSample& each : all_words_of(sample)) {
          for (ScheduleSample warmed : with_warmups(each, training)) {
            if (early) warmed.name += ", early";
            all.push_back(std::move(warmed));
          }
        }
      }
    }
  }
  return all;
}

}  // namespace etalon::testing
