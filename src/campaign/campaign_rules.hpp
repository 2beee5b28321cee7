// How the scaling rules that move the learning rate alone fare in a campaign: what each says, and
// what the loss surface lets expect there, whether it was run or not.
#pragma once

#include <span>
#include <vector>

#include "etalon/campaign.hpp"

namespace etalon {

// From the least batch size whose best learning rate is known from both sides, which becomes the
// base; nothing where there is none. Fills in the rules, the base and its learning rate.
void judge_rules(StudyResult& result, std::span<const Observation> known,
                 std::span<const Forecast> advice, const CampaignOptions& options,
                 std::span<const TrialSpec> pruned);

}  // namespace etalon
