// What every shape and every course of the batch size is called and made of: the one description
// from which their JSON, their checks and their change of unit come.
//
// `describe(visit, shape)` calls `visit(name, member, role)` for each field. The role says what the
// field is, and so what it may be and what becomes of it when time is counted in another unit.
#pragma once

#include <string_view>

#include "core/interval.hpp"
#include "etalon/batch_schedule.hpp"
#include "etalon/bounds.hpp"

namespace etalon {

// A length or a time: it is multiplied when the unit changes.
struct TimeRole {
  Interval range;
};
// A factor per unit of time: its power changes with the unit.
struct RateRole {};
// A number, or a choice, that has nothing to do with time.
struct NumberRole {
  Interval range;
};
struct ChoiceRole {};

inline constexpr TimeRole kSpan{kPositive};
inline constexpr TimeRole kMoment{kNotNegative};
inline constexpr RateRole kRate{};
inline constexpr NumberRole kFloor{kShare};
inline constexpr NumberRole kFactor{kPositiveShare};
inline constexpr NumberRole kMomentum{kDecayCoefficient};
inline constexpr NumberRole kDivisor{kAtLeastOne};
inline constexpr NumberRole kBatch{{.least = 1.0, .most = static_cast<double>(kGreatestBatchSize)}};

// What several are made of.
void describe_momentum(auto& visit, auto& shape) {
  visit("momentum_low", shape.momentum_low, kMomentum);
  visit("momentum_high", shape.momentum_high, kMomentum);
}

void describe(auto&, ConstantShape&) {}
void describe(auto& visit, StepShape& shape) {
  visit("length", shape.length, kSpan);
  visit("gamma", shape.gamma, kFactor);
}
void describe(auto& visit, MultiStepShape& shape) {
  visit("milestones", shape.milestones, kSpan);
  visit("gamma", shape.gamma, kFactor);
}
void describe(auto& visit, ExponentialShape& shape) { visit("gamma", shape.gamma, kRate); }
void describe(auto& visit, InverseSqrtShape& shape) { visit("length", shape.length, kSpan); }
void describe(auto& visit, PolynomialShape& shape) {
  visit("length", shape.length, kSpan);
  visit("power", shape.power, NumberRole{kPositive});
  visit("floor", shape.floor, kFloor);
}
void describe(auto& visit, CosineShape& shape) {
  visit("length", shape.length, kSpan);
  visit("floor", shape.floor, kFloor);
}
void describe(auto& visit, WarmRestartsShape& shape) {
  visit("length", shape.length, kSpan);
  visit("growth", shape.growth, NumberRole{kAtLeastOne});
  visit("floor", shape.floor, kFloor);
}
void describe(auto& visit, StableDecayShape& shape) {
  visit("stable", shape.stable, kMoment);
  visit("decay", shape.decay, kSpan);
  visit("form", shape.form, ChoiceRole{});
  visit("floor", shape.floor, kFloor);
}
void describe(auto& visit, OneCycleShape& shape) {
  visit("length", shape.length, kSpan);
  visit("rise", shape.rise, kSpan);
  visit("start_divisor", shape.start_divisor, kDivisor);
  visit("end_divisor", shape.end_divisor, kDivisor);
  visit("form", shape.form, ChoiceRole{});
  describe_momentum(visit, shape);
}
void describe(auto& visit, CyclicalShape& shape) {
  visit("up", shape.up, kSpan);
  visit("down", shape.down, kSpan);
  visit("low", shape.low, kFloor);
  visit("mode", shape.mode, ChoiceRole{});
  visit("gamma", shape.gamma, kRate);
  describe_momentum(visit, shape);
}

void describe(auto&, ConstantBatch&) {}
void describe(auto& visit, StepBatch& course) {
  visit("milestones", course.milestones, kSpan);
  visit("factor", course.factor, NumberRole{{.least = 1.0, .has_least = false}});
  visit("largest", course.largest, kBatch);
}
void describe(auto& visit, LinearRampBatch& course) {
  visit("last", course.last, kBatch);
  visit("length", course.length, kSpan);
  visit("multiple", course.multiple, kBatch);
}
void describe(auto& visit, NoiseRampBatch& course) {
  visit("last", course.last, kBatch);
  visit("fraction", course.fraction, NumberRole{kPositive});
  visit("multiple", course.multiple, kBatch);
}

// The kind that JSON writes, in the order of the variants' alternatives.
inline constexpr std::string_view kShapeKinds[] = {
    "constant",   "step",     "multi-step",    "exponential",
    "polynomial", "cosine",   "warm-restarts", "warmup-stable-decay",
    "one-cycle",  "cyclical", "inverse-sqrt"};
static_assert(std::size(kShapeKinds) == std::variant_size_v<Shape>);

inline constexpr std::string_view kBatchKinds[] = {"constant", "step", "linear-ramp", "noise-ramp"};
static_assert(std::size(kBatchKinds) == std::variant_size_v<BatchCourse>);

// Checks each field against its role; what two fields must be to each other is checked by whoever
// knows them.
class FieldCheck {
 public:
  void operator()(const char* name, double value, const TimeRole& role) const {
    check_in(name, value, role.range, "in a schedule");
  }
  void operator()(const char* name, const std::vector<double>& times, const TimeRole&) const {
    double last = 0;
    for (const double time : times) {
      if (!(time > last && std::isfinite(time))) {
        refuse_value(name, time, "a list of ascending numbers above 0", "in a schedule");
      }
      last = time;
    }
  }
  void operator()(const char* name, double value, const RateRole&) const {
    check_in(name, value, kPositiveShare, "in a schedule");
  }
  void operator()(const char* name, double value, const NumberRole& role) const {
    check_in(name, value, role.range, "in a schedule");
  }
  void operator()(const char* name, std::int64_t value, const NumberRole& role) const {
    check_in(name, static_cast<double>(value), role.range, "in a schedule");
  }
  void operator()(const char* name, const std::optional<double>& value,
                  const NumberRole& role) const {
    if (value) check_in(name, *value, role.range, "in a schedule");
  }
  template <typename Choice>
  void operator()(const char*, const Choice&, const ChoiceRole&) const {}
};

template <typename Variant>
void check_fields(const Variant& value) {
  Variant copy = value;
  const FieldCheck check;
  std::visit([&check](auto& each) { describe(check, each); }, copy);
}

}  // namespace etalon
