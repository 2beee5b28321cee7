#include "cli/memory_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/available_memory.hpp"
#include "core/threads.hpp"
#include "etalon/error.hpp"
#include "train/training_memory.hpp"

namespace etalon::cli {
namespace {

// The largest batch size of which `jobs` trainings fit, 0 for none.
std::int64_t largest_that_fits(const TrainingOptions& training, const ModelSpec& model,
                               std::span<const std::int64_t> batch_sizes, std::int64_t bytes) {
  std::int64_t largest = 0;
  for (const std::int64_t batch_size : batch_sizes) {
    if (training_bytes(model, training.optimizer, batch_size) > bytes) continue;
    largest = std::max(largest, batch_size);
  }
  return largest;
}

}  // namespace

void check_memory(const TrainingOptions& training, const ModelSpec& model,
                  std::span<const std::int64_t> batch_sizes, std::int64_t jobs) {
  const auto available = available_memory();
  if (!available || batch_sizes.empty()) return;
  if (jobs == 0) jobs = static_cast<std::int64_t>(processor_count());
  const std::int64_t largest = *std::ranges::max_element(batch_sizes);
  const std::int64_t needed = training_bytes(model, training.optimizer, largest);
  if (needed * jobs <= *available) return;
  const std::int64_t beside = *available / needed;
  const std::int64_t fits = largest_that_fits(training, model, batch_sizes, *available / jobs);
  const std::string fewer = beside > 0 ? fmt::format("use --jobs {}", beside) : "";
  const std::string smaller =
      fits > 0 ? fmt::format("leave out batch sizes above {}", fits) : "take smaller batch sizes";
  throw InputError(
      fmt::format("a trial of {} at batch size {} needs {}, {} side by side more than the {} of "
                  "memory that are free",
                  model.name, largest, bytes_text(needed), jobs, bytes_text(*available)),
      "", fewer.empty() ? smaller : fewer + ", or " + smaller);
}

}  // namespace etalon::cli
