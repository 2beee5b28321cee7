// The answer of `etalon scale` and the forms in which it is printed.
#pragma once

#include <string>
#include <vector>

#include "etalon/atlas.hpp"
#include "etalon/scaling.hpp"
#include "report/text_layout.hpp"

namespace etalon {

struct ScaleAnswer {
  Recipe base;
  std::vector<std::string> assumed;  // fields of `base` that were filled with defaults
  std::vector<std::string> notes;    // how what was given has been read, where that is worth a word
  ScaleOptions options;
  std::vector<RuleComparison> targets;
  std::vector<AtlasEvidence> evidence{};  // for each of `targets`, or none
};

// For people: the recommended recipe with its reasons, source and cautions, lines to paste, and
// what the other rules say.
std::string scale_table(const ScaleAnswer& answer, const TextStyle& style);

std::string scale_json(const ScaleAnswer& answer);

// The first rule's recipe at the first target as `etalon train` and `etalon scale` read it: flat
// keys, named in docs/scaling.md.
std::string recipe_toml(const ScaleAnswer& answer);

// The same as lines of Python for PyTorch, with the rule and its cautions in comments.
std::string recipe_pytorch(const ScaleAnswer& answer);

// Those lines without the comments that a reader of the table has seen.
std::string pytorch_lines(const ScaledRecipe& scaled, const ScaleOptions& options);

// The recipe as it is written down, for a training that follows it to the letter: whole numbers of
// steps and examples, in order; other numbers as `to_plain` has them; the start of its warm-up,
// which for rule linear is the old η when it scales up (Goyal et al. 2017).
Recipe written_recipe(const ScaledRecipe& scaled);

// The steps that a training takes of a budget: of whole batches, at least one.
double steps_of_budget(double steps);

// A value of a field as it is shown: whole numbers of steps, other numbers as they are.
double shown_value(const FieldChange& change, double value);

// "2048 = 256 (micro-batch) × 1 (accumulation) × 8 (replicas)", or "2048" alone.
std::string batch_text(const BatchShape& batch);

}  // namespace etalon
