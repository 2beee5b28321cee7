#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "etalon/error.hpp"
#include "etalon/study.hpp"

namespace etalon {
namespace {

template <typename Value>
void require(bool holds, const char* field, const Value& value, const char* constraint) {
  if (!holds) throw InputError(fmt::format("{} {} {}", field, value, constraint), "study", "");
}

void check_batch_sizes(const StudyOptions& options) {
  require(!options.batch_sizes.empty(), "batch_sizes", "[]", "must name at least one");
  for (const std::int64_t batch_size : options.batch_sizes) {
    require(batch_size >= 1, "batch_sizes", batch_size, "must be at least 1");
    require(std::count(options.batch_sizes.begin(), options.batch_sizes.end(), batch_size) == 1,
            "batch_sizes", batch_size, "must not be repeated");
  }
  const auto& all = options.batch_sizes;
  require(std::find(all.begin(), all.end(), options.base_batch_size) != all.end(),
          "base_batch_size", options.base_batch_size, "must be one of batch_sizes");
}

void check_rules(const StudyOptions& options) {
  std::set<std::string> names;
  for (const StudyRule& rule : options.rules) {
    require(!rule.name.empty(), "rules", "''", "must be named");
    require(names.insert(rule.name).second, "rules", rule.name, "must not be repeated");
    require(std::isfinite(rule.power), "power", rule.power, "must be finite");
  }
}

}  // namespace

void StudyOptions::validate() const {
  check_batch_sizes(*this);
  check_rules(*this);
  require(seeds >= 2, "seeds", seeds, "must be at least 2, or there is no interval");
  require(std::isfinite(lr_center) && lr_center > 0, "lr_center", lr_center,
          "must be finite and above 0");
  require(jobs >= 0, "jobs", jobs, "must be at least 0 (0: one per processor)");
  require(std::isfinite(tolerance) && tolerance > 0, "tolerance", tolerance,
          "must be finite and above 0");
  require(level > 0.5 && level < 1, "level", level, "must be in (0.5, 1)");
}

}  // namespace etalon
