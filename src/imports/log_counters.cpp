#include "imports/log_counters.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <iterator>

namespace etalon {
namespace {

// Stable Baselines counts environment steps in every row, and iterations in a few.
constexpr std::string_view kCounters[] = {"globalstep",
                                          "totaltimesteps",
                                          "step",
                                          "globalsteps",
                                          "steps",
                                          "trainstep",
                                          "trainsteps",
                                          "trainingstep",
                                          "iteration",
                                          "iter",
                                          "trainingiteration",
                                          "iterations",
                                          "iters",
                                          "numupdates",
                                          "nupdates",
                                          "update",
                                          "updates",
                                          "it",
                                          "epoch",
                                          "epochnum"};
constexpr std::string_view kEpoch = "epoch";

bool is_joiner(char c) { return c == '_' || c == '-' || c == ' ' || c == '.'; }

bool spells(std::string_view name, std::string_view plain) {
  std::size_t at = 0;
  for (const char c : name) {
    if (is_joiner(c)) continue;
    if (at == plain.size() || std::tolower(static_cast<unsigned char>(c)) != plain[at])
      return false;
    ++at;
  }
  return at == plain.size();
}

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('/') + 1);  // all of it, where there is no slash
}

}  // namespace

std::optional<int> counter_rank(std::string_view name) {
  const std::string_view part = last_part(name);
  const auto* found = std::find_if(std::begin(kCounters), std::end(kCounters),
                                   [&](std::string_view plain) { return spells(part, plain); });
  if (found == std::end(kCounters)) return std::nullopt;
  return static_cast<int>(found - std::begin(kCounters));
}

std::optional<LogCounter> counter_of(std::span<const NamedValue> row) {
  std::optional<LogCounter> finest;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto rank = counter_rank(row[i].name);
    if (!rank || !std::isfinite(row[i].value) || (finest && finest->rank <= *rank)) continue;
    finest = LogCounter{i, *rank, row[i].value, spells(last_part(row[i].name), kEpoch)};
  }
  return finest;
}

std::optional<double> epoch_of(std::span<const NamedValue> row) {
  for (const NamedValue& each : row) {
    if (spells(last_part(each.name), kEpoch) && std::isfinite(each.value)) return each.value;
  }
  return std::nullopt;
}

}  // namespace etalon
