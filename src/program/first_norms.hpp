// The gradient norms at the first step of a program's trials, before anything was learned, so that
// learning rates do not matter: trials of one seed and batch size have the same.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

struct FirstNorm {
  TrialSpec spec;  // the first trial of its batch size and seed that printed one
  double norm = 0.0;
  double step = 0.0;  // that stands beside it; 0: none does
};

// Of the study in `directory`, which holds study.db and trials/; what each trial's first attempt
// that has it printed or wrote by the name `metric` first, read with the study's own --pattern.
// Ascending in batch size and seed; empty where none did. Throws InputError where the study cannot
// be read.
std::vector<FirstNorm> first_norms(const std::filesystem::path& directory,
                                   const std::string& metric);

}  // namespace etalon
