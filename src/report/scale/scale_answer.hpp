// The forms in which `etalon scale` prints its answer.
#pragma once

#include <string>
#include <vector>

#include "etalon/scaling.hpp"

namespace etalon {

struct ScaleAnswer {
  Recipe base;
  std::vector<std::string> assumed;  // fields of `base` that were filled with defaults
  std::vector<Advice> targets;
};

std::string scale_table(const ScaleAnswer& answer);
std::string scale_json(const ScaleAnswer& answer);

// The first rule's recipe as `etalon train` reads it: flat keys, named in docs/scaling.md.
std::string recipe_toml(const ScaledRecipe& recipe);

// The first rule's recipe as lines of Python for PyTorch.
std::string recipe_pytorch(const ScaledRecipe& recipe);

// Share of η' where the warm-up starts: the recipe's own; otherwise 1/κ for rule linear when it
// scales up, so that the warm-up starts at the old η (Goyal et al. 2017), and 0 for the others.
double warmup_start(const ScaledRecipe& recipe);

// Steps are real numbers inside and whole ones outside.
std::int64_t whole_steps(double steps);

}  // namespace etalon
