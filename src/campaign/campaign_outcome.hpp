// What a campaign's trials say: optima, exponent, recommendations, and the answer in words.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "etalon/campaign.hpp"

namespace etalon {

inline constexpr const char* kUpdateSetting = "campaign.update";  // "sgd" or "adaptive"
// Where it is another than the program's metric.
inline constexpr const char* kObjectiveSetting = "campaign.objective";
inline constexpr double kCampaignLevel = 0.80;  // of every interval

// The trials that are results. What they move besides the learning rate belongs to their batch
// size.
std::vector<Observation> observations_of(std::span<const TrialRecord> trials);
// Those that were pruned, as points of the sweep.
std::vector<TrialSpec> pruned_points(std::span<const TrialRecord> trials);

// Fills in everything that follows from `result.trials`; `dropped` are the batch sizes at which
// nothing can be run.
void evaluate_campaign(StudyResult& result, const CampaignOptions& options,
                       std::span<const std::int64_t> dropped);

}  // namespace etalon
