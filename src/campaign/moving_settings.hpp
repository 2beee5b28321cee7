// Which settings move with the batch size in a study of a program, and where to: what a scaling
// rule makes of a recipe at the study's batch sizes, of which the program takes some from outside.
//
// The learning rate itself is what the study searches, so the rule's own plays no part. Pure
// functions of values, safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "etalon/campaign.hpp"
#include "etalon/scaling.hpp"

namespace etalon {

struct SettingsQuestion {
  // What the program trains with at its batch size, which the rules scale from; its learning rate
  // plays no part.
  Recipe base{};
  std::vector<std::int64_t> batch_sizes{};
  // What the program takes from outside: names of kMovableSettings, and "warmup_steps".
  std::set<std::string> taken{};
  // The rule; empty: the one that `compare_rules` recommends, or else of those that fit and move
  // nothing that is not taken the one that moves most.
  std::string rule{};
  ScaleOptions known{};
};

struct SettingsAnswer {
  MovingSettings moving{};
  // Where the recipe has a warm-up: its steps by batch size, rounded, at least 1.
  std::map<std::int64_t, std::int64_t> warmup_steps{};
  std::vector<OmittedRule> left_out{};  // that come before the one chosen, and why they are not it
};

// Throws InputError for a rule that is none, that cannot be applied, or that moves what is not
// taken; and what `scale` throws.
SettingsAnswer move_settings(const SettingsQuestion& question);

}  // namespace etalon
