// The names under which the schedules' enums are written.
#pragma once

#include <span>

#include "etalon/batch_schedule.hpp"
#include "schedule/json_fields.hpp"

namespace etalon {

std::span<const EnumName<DurationUnit>> enum_names(DurationUnit);
std::span<const EnumName<DecayForm>> enum_names(DecayForm);
std::span<const EnumName<CycleMode>> enum_names(CycleMode);
std::span<const EnumName<WarmupKind>> enum_names(WarmupKind);
std::span<const EnumName<BatchLrRule>> enum_names(BatchLrRule);

}  // namespace etalon
