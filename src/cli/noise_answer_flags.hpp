// The flags of `etalon noise` that say what is answered and how, whatever was measured.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "core/atomic_file.hpp"
#include "report/noise/noise_answer.hpp"

namespace etalon::cli {

struct NoiseAnswerFlags {
  std::vector<double> batch_sizes;  // to say the cost of
  std::optional<double> lr, batch_size;
  double level = 0.90;
  std::string format = "table", html;
  bool quiet = false;
};

inline constexpr const char* kAnswerGroup = "The answer";
void add_noise_answer_flags(CLI::App& app, NoiseAnswerFlags& flags);

// Throws InputError for a learning rate or a batch size that is none, and for a page that could not
// be written or would take the place of one of `inputs`.
void check_noise_answer_flags(const NoiseAnswerFlags& flags, std::span<const NamedPath> inputs);

// Throws InputError where one of the two is given without the other.
void need_lr_with_batch_size(const NoiseAnswerFlags& flags);

// Prints the answer as the flags want it, and writes its page where they ask for one.
void deliver_noise(NoiseAnswer answer, const NoiseAnswerFlags& flags);

}  // namespace etalon::cli
