// Headings that flags stand under in the help of several commands.
#pragma once

namespace etalon::cli {

inline constexpr const char* kHardwareGroup = "What a target costs";
inline constexpr const char* kDataGroup = "What is trained";
inline constexpr const char* kUpdateGroup = "How it is updated";
inline constexpr const char* kScheduleGroup = "How the learning rate moves";
inline constexpr const char* kBudgetGroup = "How long it trains (one of these)";

}  // namespace etalon::cli
