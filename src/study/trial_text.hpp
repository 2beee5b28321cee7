// Trials in words.
#pragma once

#include <string>

#include "etalon/trial.hpp"

namespace etalon {

// "beta1 0.2, beta2 0.992"; empty where nothing is moved.
std::string describe(const MovedSettings& moved);

// "batch size 32, learning rate 0.05, seed 2", with what it moves.
std::string describe(const TrialSpec& spec);

// "square-root scaling", "a fixed learning rate"
std::string rule_in_words(const std::string& rule);

}  // namespace etalon
