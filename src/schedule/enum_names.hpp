// The names under which the schedules' enums are written.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "etalon/batch_schedule.hpp"

namespace etalon {

template <typename T>
struct EnumName {
  T value;
  std::string_view name;
};

inline constexpr EnumName<DurationUnit> kDurationUnitNames[] = {
    {DurationUnit::steps, "steps"},
    {DurationUnit::epochs, "epochs"},
    {DurationUnit::examples, "examples"}};
inline constexpr EnumName<DecayForm> kDecayFormNames[] = {
    {DecayForm::linear, "linear"},
    {DecayForm::cosine, "cosine"},
    {DecayForm::one_minus_sqrt, "one-minus-sqrt"}};
inline constexpr EnumName<CycleMode> kCycleModeNames[] = {{CycleMode::triangular, "triangular"},
                                                          {CycleMode::halving, "halving"},
                                                          {CycleMode::exponential, "exponential"}};
inline constexpr EnumName<WarmupKind> kWarmupKindNames[] = {{WarmupKind::linear, "linear"},
                                                            {WarmupKind::constant, "constant"}};
inline constexpr EnumName<BatchLrRule> kBatchLrRuleNames[] = {
    {BatchLrRule::fixed, "fixed"}, {BatchLrRule::sqrt, "sqrt"}, {BatchLrRule::linear, "linear"}};

inline std::span<const EnumName<DurationUnit>> enum_names(DurationUnit) {
  return kDurationUnitNames;
}
inline std::span<const EnumName<DecayForm>> enum_names(DecayForm) { return kDecayFormNames; }
inline std::span<const EnumName<CycleMode>> enum_names(CycleMode) { return kCycleModeNames; }
inline std::span<const EnumName<WarmupKind>> enum_names(WarmupKind) { return kWarmupKindNames; }
inline std::span<const EnumName<BatchLrRule>> enum_names(BatchLrRule) { return kBatchLrRuleNames; }

// Those names alone.
template <typename T, std::size_t N>
constexpr std::array<std::string_view, N> words_of(const EnumName<T> (&names)[N]) {
  std::array<std::string_view, N> words;
  for (std::size_t i = 0; i < N; ++i) words[i] = names[i].name;
  return words;
}

template <typename T>
std::string_view enum_to_name(T value) {
  for (const EnumName<T>& entry : enum_names(T{})) {
    if (entry.value == value) return entry.name;
  }
  return "";
}

// Empty for a name that is none.
template <typename T>
std::optional<T> enum_of_name(std::string_view name) {
  for (const EnumName<T>& entry : enum_names(T{})) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

}  // namespace etalon
