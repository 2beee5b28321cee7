// Trials to store, and trials as text to compare.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "etalon/store.hpp"

namespace etalon::testing {

// The trial of that id: any values, the same ones at every call; finished, diverged or failed in
// turn, with a curve of `points` points.
inline TrialRecord sample_trial(std::int64_t id, std::int64_t points = 5) {
  RandomStream random(static_cast<std::uint64_t>(id), "sample trial");
  const auto maybe = [&]() -> std::optional<double> {
    return random.below(2) == 0 ? std::nullopt : std::optional(random.normal());
  };
  TrialRecord record;
  record.id = id;
  record.round = 1 + id / 10;
  record.stage = static_cast<Stage>(id % 3);
  record.spec = {.batch_size = std::int64_t{1} << random.below(12),
                 .lr = random.uniform(),
                 .seed = random.next_uint64()};
  for (const NamedSetting& setting : kMovableSettings) {
    if (id % 3 == 1) record.spec.moved.*setting.value = maybe();
  }
  record.attempts = 1 + id % 2;
  constexpr TrialState kStored[] = {TrialState::finished, TrialState::diverged, TrialState::failed};
  record.result.state = kStored[id / 3 % 3];
  record.result.objective = maybe();
  if (record.result.state == TrialState::finished) record.result.objective = random.normal();
  record.result.validation_accuracy = maybe();
  if (record.result.state == TrialState::diverged) record.result.diverged_step = id * 7;
  if (record.result.state == TrialState::failed) record.result.message = "it \"broke\"; naïvely\n";
  record.result.steps = 1000 + id;
  record.result.wall_seconds = random.uniform();
  for (std::int64_t i = 0; i < points; ++i) {
    record.result.curve.push_back(
        {i, i * record.spec.batch_size, random.uniform(), maybe(), maybe(), maybe()});
  }
  record.result.train_loss = maybe();
  return record;
}

// Every field; doubles by their bits, as hexadecimal.
inline std::string as_text(const TrialRecord& r) {
  const auto bits = [](std::optional<double> value) {
    return value ? fmt::format("{:a}", *value) : std::string("none");
  };
  std::string text =
      fmt::format("{} {} {} {} | {} {:a} {} | {} {} {} {} '{}' {} {:a}", r.id, r.attempts, r.round,
                  static_cast<int>(r.stage), r.spec.batch_size, r.spec.lr, r.spec.seed,
                  static_cast<int>(r.result.state), bits(r.result.objective),
                  bits(r.result.validation_accuracy), r.result.diverged_step.value_or(-1),
                  r.result.message, r.result.steps, r.result.wall_seconds);
  text += fmt::format(" {}", bits(r.result.train_loss));
  for (const NamedSetting& setting : kMovableSettings) {
    text += fmt::format(" {} {}", setting.name, bits(r.spec.moved.*setting.value));
  }
  for (const CurvePoint& p : r.result.curve) {
    text += fmt::format("\n  {} {} {:a} {} {} {}", p.step, p.examples, p.epoch, bits(p.train_loss),
                        bits(p.validation_loss), bits(p.validation_accuracy));
  }
  return text;
}

inline std::string as_text(const std::vector<TrialRecord>& records) {
  std::string text;
  for (const TrialRecord& record : records) text += as_text(record) + "\n";
  return text;
}

}  // namespace etalon::testing
