#include "imports/chosen_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>

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

// What the cells of a name are, some of them.
std::string values_of(const std::vector<Cells>& rows, const std::string& name) {
  constexpr std::size_t kMost = 8;
  std::set<std::string> values;
  for (const Cells& cells : rows) {
    const auto cell = find_cell(cells, name);
    if (cell && values.size() < kMost) values.insert(shortened(*cell, 30));
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

[[noreturn]] void refuse_none(const std::string& source, const std::vector<Cells>& rows,
                              const Condition& last) {
  throw InputError(
      fmt::format("no run is as {} asks", field_name("where")), source,
      fmt::format("'{}' may be one of {}", shortened(last.name), values_of(rows, last.name)));
}

}  // namespace

void keep_where(std::vector<LoggedRun>& runs, const RequestedColumns& requested, const Say& say) {
  for (const std::string& text : requested.where) {
    const Condition condition = parse_condition(text, "");
    const bool is_setting = std::any_of(runs.begin(), runs.end(), [&](const LoggedRun& run) {
      return find_cell(run.settings, condition.name).has_value();
    });
    if (!is_setting) continue;
    std::vector<Cells> before;
    before.reserve(runs.size());
    for (const LoggedRun& run : runs) before.push_back(run.settings);
    const auto left_out =
        std::erase_if(runs, [&](const LoggedRun& run) { return !holds(condition, run.settings); });
    say_left_out(left_out, condition, say);
    if (runs.empty()) refuse_none("", before, condition);
  }
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
    if (chosen.empty()) refuse_none(source, rows, condition);
  }
  return chosen;
}

}  // namespace etalon
