// Where a study's numbers come from: everything a reader needs to repeat it. Plain data, collected
// once when the study starts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

struct Machine {
  std::string cpu_model;          // "unknown" where the system does not say
  std::int64_t processors = 0;    // logical processors this process may use
  std::int64_t memory_bytes = 0;  // of the machine; 0 where the system does not say
  std::string operating_system;   // distribution and kernel
};

struct Provenance {
  std::string command_line;  // as a POSIX shell reads it
  std::string etalon_version;
  std::string compiler;
  std::string onednn_version;
  Machine machine;
  std::string started_utc;           // ISO 8601, "2026-01-31T12:00:00Z"
  std::vector<std::uint64_t> seeds;  // of the replicates
  std::int64_t jobs = 1;             // trials that ran side by side
};

// Asks the system and the clock. `arguments` is argv with the program's name first;
// `onednn_version` is the caller's, for the report does not link the engine.
Provenance collect_provenance(std::span<const std::string> arguments, std::string onednn_version,
                              const StudyOptions& options);

// `argument` quoted so that a POSIX shell reads it back unchanged.
std::string shell_quote(const std::string& argument);

}  // namespace etalon
