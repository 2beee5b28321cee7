#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"
#include "etalon/study.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

// Names the flag, its value, and the field with its constraint.
template <typename Value>
void require(bool holds, const char* flag, const Value& value, const char* constraint) {
  if (!holds) throw InputError(fmt::format("{} is {}", flag, value), "", constraint);
}

void check_batch_sizes(const StudyOptions& options) {
  require(!options.batch_sizes.empty(), "--batch-sizes", "empty",
          "batch_sizes must name at least one");
  for (const std::int64_t batch_size : options.batch_sizes) {
    if (batch_size < 1) {
      throw InputError(fmt::format("--batch-sizes has {}", batch_size), "",
                       "batch_sizes must be at least 1");
    }
    if (batch_size > kLargestBatchSize) {
      throw InputError(fmt::format("--batch-sizes has {}", batch_size), "",
                       fmt::format("batch_sizes must be at most {}", kLargestBatchSize));
    }
    if (std::count(options.batch_sizes.begin(), options.batch_sizes.end(), batch_size) > 1) {
      throw InputError(fmt::format("--batch-sizes names {} twice", batch_size), "",
                       "batch_sizes must differ");
    }
  }
  const auto& all = options.batch_sizes;
  if (std::find(all.begin(), all.end(), options.base_batch_size) == all.end()) {
    throw InputError(
        fmt::format("--base-batch-size is {}", options.base_batch_size), "",
        fmt::format("base_batch_size must be one of batch_sizes ({})", fmt::join(all, ", ")));
  }
}

// After all else, for rules are evaluated at the batch sizes.
void check_rules(const StudyOptions& options) {
  for (const std::string& rule : options.rules) {
    const auto times = std::count(options.rules.begin(), options.rules.end(), rule);
    if (times > 1) {
      throw InputError(fmt::format("--rules names {} {} times", rule, times), "",
                       "name each rule once");
    }
    check_rule(options, rule);
  }
}

}  // namespace

void StudyOptions::validate() const {
  check_batch_sizes(*this);
  require(seeds >= 2, "--seeds", seeds, "seeds must be at least 2, or there is no interval");
  require(seeds <= 1000, "--seeds", seeds, "seeds must be at most 1000");
  // The search goes 16 octaves up and down, and training takes single precision.
  require(lr_center >= 1e-30 && lr_center <= 1e30, "--lr", lr_center,
          "lr_center must be in [1e-30, 1e30]");
  require(jobs >= 0, "--jobs", jobs, "jobs must be at least 0 (0: one per processor)");
  require(std::isfinite(tolerance) && tolerance > 0, "--tolerance", tolerance,
          "tolerance must be finite and above 0");
  require(level > 0.5 && level < 1, "--level", level, "level must be above 0.5 and below 1");
  if (noise_scale) {
    require(std::isfinite(*noise_scale) && *noise_scale > 0, "--noise-scale", *noise_scale,
            "noise_scale must be finite and above 0");
  }
  check_rules(*this);
}

}  // namespace etalon
