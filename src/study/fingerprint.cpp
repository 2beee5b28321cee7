#include "study/fingerprint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace etalon {
namespace {

std::string value_of(const Fingerprint& settings, const std::string& key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return setting.first == key; });
  return found == settings.end() ? "not set" : fmt::format("\"{}\"", found->second);
}

}  // namespace

Fingerprint study_fingerprint(const WorkloadInfo& workload, const StudyOptions& options) {
  Fingerprint settings = workload.settings;
  const auto add = [&](const char* field, const auto& value) {
    settings.emplace_back(fmt::format("study.{}", field), fmt::format("{}", value));
  };
  add("objective", workload.objective_name);
  add("budget_examples", workload.budget_examples);
  add("batch_sizes", fmt::format("{}", fmt::join(options.batch_sizes, ",")));
  add("base_batch_size", options.base_batch_size);
  add("seeds", options.seeds);
  add("first_seed", options.first_seed);
  add("lr_center", options.lr_center);
  add("tolerance", options.tolerance);
  add("level", options.level);
  std::vector<std::string> rules;
  for (const StudyRule& rule : options.rules) {
    rules.push_back(fmt::format("{}:{}", rule.name, rule.power));
  }
  add("rules", fmt::format("{}", fmt::join(rules, ",")));
  return settings;
}

std::optional<std::string> first_difference(const Fingerprint& stored, const Fingerprint& asked) {
  const std::size_t size = std::max(stored.size(), asked.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (i < stored.size() && i < asked.size() && stored[i] == asked[i]) continue;
    const std::string& key = i < asked.size() ? asked[i].first : stored[i].first;
    return fmt::format("setting {} was {} and is now {}", key, value_of(stored, key),
                       value_of(asked, key));
  }
  return std::nullopt;
}

}  // namespace etalon
