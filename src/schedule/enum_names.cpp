#include "schedule/enum_names.hpp"

namespace etalon {
namespace {

constexpr EnumName<DurationUnit> kUnits[] = {{DurationUnit::steps, "steps"},
                                             {DurationUnit::epochs, "epochs"},
                                             {DurationUnit::examples, "examples"}};
constexpr EnumName<DecayForm> kForms[] = {{DecayForm::linear, "linear"},
                                          {DecayForm::cosine, "cosine"},
                                          {DecayForm::one_minus_sqrt, "one-minus-sqrt"}};
constexpr EnumName<CycleMode> kModes[] = {{CycleMode::triangular, "triangular"},
                                          {CycleMode::halving, "halving"},
                                          {CycleMode::exponential, "exponential"}};
constexpr EnumName<WarmupKind> kWarmups[] = {{WarmupKind::linear, "linear"},
                                             {WarmupKind::constant, "constant"}};
constexpr EnumName<BatchLrRule> kRules[] = {
    {BatchLrRule::fixed, "fixed"}, {BatchLrRule::sqrt, "sqrt"}, {BatchLrRule::linear, "linear"}};

}  // namespace

std::span<const EnumName<DurationUnit>> enum_names(DurationUnit) { return kUnits; }
std::span<const EnumName<DecayForm>> enum_names(DecayForm) { return kForms; }
std::span<const EnumName<CycleMode>> enum_names(CycleMode) { return kModes; }
std::span<const EnumName<WarmupKind>> enum_names(WarmupKind) { return kWarmups; }
std::span<const EnumName<BatchLrRule>> enum_names(BatchLrRule) { return kRules; }

}  // namespace etalon
