// How `etalon suggest` and `etalon observe` print runs and advice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/ask_tell.hpp"

namespace etalon::cli {

// `trial=3 batch_size=2048 lr=0.0021 seed=1`, which a shell can read; and for a run that was told,
// ` state=finished loss=1.23`.
std::string plain_run(const AskedTrial& run);

std::string suggestion_table(const AskTell::Answer& answer);
std::string suggestion_json(const AskTell::Answer& answer);

// Everything that a study knows.
struct AskStatus {
  std::vector<AskedTrial> runs;
  std::vector<Observation> known;
  std::vector<Forecast> advice;
  std::int64_t now = 0;  // seconds since 1970
};

std::string status_table(const AskStatus& status);
std::string status_json(const AskStatus& status);
std::string status_plain(const AskStatus& status);  // a line of `plain_run` each

}  // namespace etalon::cli
