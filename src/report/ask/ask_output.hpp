// How `etalon suggest` and `etalon observe` print trials and advice. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "etalon/ask_tell.hpp"
#include "etalon/contradiction.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// `trial=3 batch_size=2048 lr=0.0021 seed=1`, which a shell can read; and for a trial that was
// told, ` state=finished loss=1.23`.
std::string plain_trial(const AskedTrial& trial);

std::string suggestion_table(const AskTell::Answer& answer);
std::string suggestion_json(const AskTell::Answer& answer);

// Everything that a study knows.
struct AskStatus {
  std::string study;  // as it was named
  std::vector<AskedTrial> trials;
  std::vector<AskedTrial> given_up;  // those of them that are not suggested again
  std::vector<Observation> known;
  std::vector<Forecast> advice;
  std::vector<Contradiction> contradictions;
  std::int64_t now = 0;  // seconds since 1970
};

std::string status_table(const AskStatus& status, const TextStyle& style);
std::string status_json(const AskStatus& status);
std::string status_plain(const AskStatus& status);  // a line of `plain_trial` each

}  // namespace etalon
