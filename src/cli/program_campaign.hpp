// What the flags of a study of a program ask a campaign for.
#pragma once

#include <string>

#include "cli/program_study.hpp"
#include "etalon/campaign.hpp"

namespace etalon::cli {

// Throws InputError for what is wrong or does not go together.
CampaignOptions campaign_options(const ProgramStudyFlags& flags);

// The tolerance as it is stored, for a report of the study.
std::string tolerance_text(const ProgramStudyFlags& flags);

}  // namespace etalon::cli
