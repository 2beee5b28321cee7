#include <algorithm>

#include "etalon/trial.hpp"

namespace etalon {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 6> kStateWords = {"pending", "finished", "diverged",
                                                         "pruned",  "failed",   "interrupted"};

}  // namespace

std::string_view to_string(TrialState state) {
  return kStateWords.at(static_cast<std::size_t>(state));
}

std::optional<TrialState> parse_trial_state(std::string_view word) {
  const auto found = std::find(kStateWords.begin(), kStateWords.end(), word);
  if (found == kStateWords.end()) return std::nullopt;
  return static_cast<TrialState>(found - kStateWords.begin());
}

}  // namespace etalon
