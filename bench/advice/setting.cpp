#include "advice/setting.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runs/run_groups.hpp"
#include "runs/update_kinds.hpp"

namespace etalon::bench {
namespace {

// The first optimizer whose name is a word of the file's name: "mnist-one-step-sgd.csv".
std::string optimizer_in_name(const std::filesystem::path& file) {
  const std::string stem = file.stem().string();
  std::string word;
  for (std::size_t i = 0; i <= stem.size(); ++i) {
    if (i < stem.size() && stem[i] != '-' && stem[i] != '_' && stem[i] != '.') {
      word += stem[i];
      continue;
    }
    if (find_optimizer(word)) return word;
    word.clear();
  }
  return "";
}

// A file of several budgets has a group for each.
RunColumns columns_of(const Table& table, const RequestedColumns& requested) {
  GuessedColumns guessed = guess_columns(table, requested);
  for (const std::string& guess : guessed.guesses) fmt::print(stderr, "{}\n", guess);
  if (requested.group_by) return guessed.columns;
  std::vector<std::string>& group_by = guessed.columns.group_by;
  for (const std::string& budget : guessed.columns.budgets) {
    if (std::find(group_by.begin(), group_by.end(), budget) == group_by.end()) {
      group_by.push_back(budget);
    }
  }
  return guessed.columns;
}

Setting setting_of(const RunGroup& group, const std::string& fallback) {
  Setting setting;
  setting.optimizer = group.optimizer.value_or(fallback);
  setting.update = update_kind_of(setting.optimizer).value_or(UpdateKind::adaptive);
  setting.start = start_of(setting.optimizer, group);
  if (group.holds_steps) setting.budget = HeldBudget::steps;
  for (const auto& [column, value] : group.key) {
    setting.name += fmt::format("{}{}={}", setting.name.empty() ? "" : " ", column, value);
  }
  for (const Observation& run : group.observations) setting.runs[run.batch_size].push_back(run);
  return setting;
}

Family& family_of(std::vector<Family>& families, const std::string& name) {
  for (Family& family : families) {
    if (family.name == name) return family;
  }
  return families.emplace_back(Family{name, {}});
}

}  // namespace

std::vector<Family> read_families(const std::filesystem::path& file,
                                  const RequestedColumns& requested, std::string_view optimizer) {
  const Table table = read_table(file);
  const RunColumns columns = columns_of(table, requested);
  const std::string fallback = optimizer.empty() ? optimizer_in_name(file) : std::string(optimizer);
  std::vector<Family> families;
  for (const RunGroup& group : group_runs(table, columns).groups) {
    Setting setting = setting_of(group, fallback);
    const std::string name =
        fmt::format("{}, {}", file.stem().string(),
                    setting.optimizer.empty() ? "taken for adaptive" : setting.optimizer);
    family_of(families, name).settings.push_back(std::move(setting));
  }
  return families;
}

}  // namespace etalon::bench
