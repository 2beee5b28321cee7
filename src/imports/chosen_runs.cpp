#include "imports/chosen_runs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

void say_left_out(std::size_t count, const Condition& condition, const Say& say) {
  if (count == 0) return;
  say(fmt::format("left out {} where '{}' is not {}",
                  counted(static_cast<std::int64_t>(count), "run"), shortened(condition.name),
                  shortened(condition.value)));
}

bool holds(const Condition& condition, const Cells& cells) {
  const auto cell = find_cell(cells, condition.name);
  return cell && is_same_value(*cell, condition.value);
}

[[noreturn]] void refuse_none(const std::string& source) {
  throw InputError("no run is as asked for", source,
                   fmt::format("say {} of what the runs have", field_name("where")));
}

}  // namespace

void keep_where(std::vector<LoggedRun>& runs, const RequestedColumns& requested, const Say& say) {
  for (const std::string& text : requested.where) {
    const Condition condition = parse_condition(text, "");
    const bool is_setting = std::any_of(runs.begin(), runs.end(), [&](const LoggedRun& run) {
      return find_cell(run.settings, condition.name).has_value();
    });
    if (!is_setting) continue;
    const auto left_out =
        std::erase_if(runs, [&](const LoggedRun& run) { return !holds(condition, run.settings); });
    say_left_out(left_out, condition, say);
  }
  if (runs.empty()) refuse_none("");
}

std::vector<std::size_t> chosen_rows(const std::vector<Cells>& rows, const std::string& source,
                                     const RequestedColumns& requested, const Say& say) {
  std::vector<std::size_t> chosen(rows.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  for (const std::string& text : requested.where) {
    const Condition condition = parse_condition(text, source);
    const auto left_out =
        std::erase_if(chosen, [&](std::size_t row) { return !holds(condition, rows[row]); });
    say_left_out(left_out, condition, say);
  }
  if (chosen.empty()) refuse_none(source);
  return chosen;
}

}  // namespace etalon
