#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/study.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostSeedsOfAll = 1000;

template <typename Value>
void require(bool holds, std::string_view field, const Value& value, std::string_view constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", field_name(field), value), "",
                   fmt::format("it must be {}", constraint));
}

void check_batch_sizes(const StudyOptions& options) {
  const auto& all = options.batch_sizes;
  const std::string field = field_name("batch_sizes");
  if (all.empty()) throw InputError(fmt::format("{} is empty", field), "", "name at least one");
  for (const std::int64_t batch_size : all) {
    if (!is_valid_batch_size(static_cast<double>(batch_size))) {
      throw InputError(
          fmt::format("{} has {}", field, batch_size), "",
          fmt::format("they must be from 1 to {:g}", static_cast<double>(kGreatestBatchSize)));
    }
    if (std::count(all.begin(), all.end(), batch_size) > 1) {
      throw InputError(fmt::format("{} names {} twice", field, batch_size), "", "name it once");
    }
  }
  require(std::find(all.begin(), all.end(), options.base_batch_size) != all.end(),
          "base_batch_size", options.base_batch_size,
          fmt::format("one of {} ({})", field, fmt::join(all, ", ")));
}

// After all else, for rules are evaluated at the batch sizes.
void check_rules(const StudyOptions& options) {
  for (const std::string& rule : options.rules) {
    const auto times = std::count(options.rules.begin(), options.rules.end(), rule);
    if (times > 1) {
      throw InputError(fmt::format("{} names {} {} times", field_name("rules"), rule, times), "",
                       "name each rule once");
    }
    check_rule(options, rule);
  }
}

}  // namespace

std::int64_t default_base_batch_size(std::span<const std::int64_t> batch_sizes) {
  constexpr double kUsual = 32;
  const auto distance = [](std::int64_t batch_size) {
    return std::abs(std::log2(static_cast<double>(batch_size) / kUsual));
  };
  const auto nearer = [&](std::int64_t a, std::int64_t b) {
    return std::pair(distance(a), a) < std::pair(distance(b), b);
  };
  const auto nearest = std::min_element(batch_sizes.begin(), batch_sizes.end(), nearer);
  return nearest == batch_sizes.end() ? static_cast<std::int64_t>(kUsual) : *nearest;
}

double StudyOptions::first_lr() const {
  return lr_center.value_or(optimizer_info(recipe.optimizer).first_lr);
}

std::int64_t StudyOptions::last_seeds() const {
  constexpr std::int64_t kTimes = 2;
  return most_seeds.value_or(std::min(kTimes * seeds, kMostSeedsOfAll));
}

void StudyOptions::validate() const {
  check_batch_sizes(*this);
  require(seeds >= 2, "seeds", seeds, "at least 2, or there is no interval");
  require(seeds <= kMostSeedsOfAll, "seeds", seeds, "at most 1000");
  if (most_seeds) {
    require(*most_seeds >= seeds, "most_seeds", *most_seeds,
            fmt::format("at least {}, which is {}", field_name("seeds"), seeds));
    require(*most_seeds <= kMostSeedsOfAll, "most_seeds", *most_seeds, "at most 1000");
  }
  check_lr(first_lr(), "lr_center");
  require(jobs >= 0, "jobs", jobs, "at least 0 (0: one per processor)");
  require(retries >= 0 && retries <= kMostRetries, "retries", retries, "from 0 to 100");
  require(std::isfinite(tolerance) && tolerance > 0, "tolerance", tolerance, "finite and above 0");
  require(level > 0.5 && level < 1, "level", level, "above 0.5 and below 1");
  if (noise_scale) {
    require(std::isfinite(*noise_scale) && *noise_scale > 0, "noise_scale", *noise_scale,
            "finite and above 0");
  }
  check_rules(*this);
}

}  // namespace etalon
