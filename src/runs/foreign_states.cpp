#include "runs/foreign_states.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "metrics/column_names.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

struct StateWords {
  TrialState state;
  std::string_view words;  // each between blanks
};

constexpr StateWords kStateWords[] = {
    {TrialState::finished,
     " finished complete completed done success successful succeeded terminated ok "},
    {TrialState::diverged, " diverged nan "},
    {TrialState::pruned, " pruned stopped early_stopped "},
    {TrialState::failed,
     " failed fail failure error errored crashed crash broken invalid timeout out_of_memory oom "
     "node_fail "},
    {TrialState::interrupted,
     " interrupted killed canceled cancelled aborted preempted preempting "},
    {TrialState::pending,
     " pending running waiting scheduled queued paused created starting initializing unfinished "},
};

}  // namespace

std::optional<TrialState> parse_foreign_state(std::string_view text) {
  const std::size_t point = text.rfind('.');
  if (point != std::string_view::npos) text.remove_prefix(point + 1);
  const std::vector<std::string> words = words_of(text);
  const std::string word = fmt::format(" {} ", fmt::join(words, "_"));
  if (is_blank(word)) return std::nullopt;
  for (const auto& [state, known] : kStateWords) {
    if (known.find(word) != std::string_view::npos) return state;
  }
  return std::nullopt;
}

bool is_set_flag(std::string_view text) {
  if (const auto number = parse_number(text)) return *number != 0.0;
  const std::vector<std::string> words = words_of(text);
  return words.front() == "true" || words.front() == "yes";
}

}  // namespace etalon
