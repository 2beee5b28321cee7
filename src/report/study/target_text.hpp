// How many updates a study's target takes, in words and as a table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "etalon/study.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// Whether the study has a target that not every run at the batch size's best learning rate reaches.
bool is_not_reached(const StudyResult& result, std::int64_t batch_size);

// The critical batch size with its interval, or why it cannot be told; beside it what the study's
// noise scale and a closed form say. Empty for a study without a target.
std::string target_sentence(const StudyResult& result);

// Updates and examples by batch size, and those of the fitted curve; empty likewise.
std::string target_table(const StudyResult& result, const TextStyle& style);

// The same for programs; null likewise. docs/summary-json.md has its keys.
nlohmann::ordered_json target_json(const StudyResult& result);

}  // namespace etalon
