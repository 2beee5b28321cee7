// The flags of `etalon scale` and the answer they ask for.
#pragma once

#include <optional>
#include <string>

#include "cli/cli11.hpp"
#include "etalon/scaling.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon::cli {

// A length that can be given in steps, epochs or examples.
template <typename T>
struct InUnits {
  std::optional<T> steps, epochs, examples;
};

struct ScaleFlags {
  std::string batch_size, targets, optimizer = "sgd", format = "table";
  std::optional<std::string> rules;
  Recipe recipe;
  ScaleOptions options;
  InUnits<double> budget, warmup, decay_end, step_every;
  InUnits<std::string> milestones;  // separated by commas
  std::optional<double> sharpness;
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse.
void add_scale_flags(CLI::App& app, ScaleFlags& flags);

// The recipe at every batch size asked for. Throws InputError for what cannot be meant.
ScaleAnswer scale_answer(const ScaleFlags& flags);

}  // namespace etalon::cli
