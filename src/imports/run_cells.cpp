#include "imports/run_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "imports/logged_metric.hpp"
#include "runs/find_columns.hpp"
#include "runs/table_builder.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

double greatest_of(const LoggedCurve& curve) {
  double greatest = -INFINITY;
  for (const CoursePoint& point : curve) greatest = std::max(greatest, point.value);
  return greatest;
}

// Makes the cells of all runs.
class CellsOfRuns {
 public:
  CellsOfRuns(std::span<const LoggedRun> runs, const RequestedColumns& requested, const Say& say)
      : runs_(runs), requested_(requested), say_(say) {
    for (const LoggedRun& run : runs) rows_.push_back({run.settings.begin(), run.settings.end()});
  }

  std::vector<Cells> make() {
    add_logged_settings();
    use_one_name({ColumnRole::lr, ColumnRole::logged_lr});
    use_one_name({ColumnRole::global_batch_size, ColumnRole::batch_size});
    return std::move(rows_);
  }

 private:
  // Adds the first curve of these roles that a run has, where it has no setting of them.
  void add_curve_of(std::initializer_list<ColumnRole> roles, bool greatest, const char* what) {
    std::set<std::string> taken;
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (has_number(runs_[i].settings, roles)) continue;
      for (const auto& [name, curve] : runs_[i].curves) {
        if (curve.empty() || !has_role(name, roles)) continue;
        rows_[i][name] = fmt::format("{}", greatest ? greatest_of(curve) : curve.back().value);
        taken.insert(name);
        break;
      }
    }
    if (taken.empty()) return;
    say_(fmt::format("took the {} {} of each run as its {}", greatest ? "greatest" : "last",
                     quoted_list({taken.begin(), taken.end()}), what));
  }

  void add_column(const std::string& name, bool greatest) {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const LoggedCurve* curve = find_curve(runs_[i], name);
      if (curve == nullptr || curve->empty() || rows_[i].contains(name)) continue;
      rows_[i][name] = fmt::format("{}", greatest ? greatest_of(*curve) : curve->back().value);
    }
  }

  // What is a setting by its meaning, though it was logged as a metric.
  void add_logged_settings() {
    if (!requested_.lr) {
      add_curve_of({ColumnRole::lr, ColumnRole::logged_lr}, true, "learning rate");
    } else {
      add_column(*requested_.lr, true);
    }
    if (requested_.batch_size) {
      add_column(*requested_.batch_size, false);
    } else if (!requested_.batch_is) {
      add_curve_of(
          {ColumnRole::global_batch_size, ColumnRole::batch_size, ColumnRole::device_batch_size},
          false, "batch size");
    }
    if (requested_.seed) add_column(*requested_.seed, false);
  }

  // Of runs of several tools: a setting of these roles, the likeliest first, has the likeliest of
  // its names in all of them.
  void use_one_name(std::initializer_list<ColumnRole> roles) {
    std::map<std::string, std::pair<std::ptrdiff_t, int>> names;  // by what they are likely to be
    for (const Cells& cells : rows_) {
      for (const auto& [name, text] : cells) {
        const auto sense = sense_of(name);
        const auto* role = sense ? std::find(roles.begin(), roles.end(), sense->role) : roles.end();
        if (role != roles.end() && parse_number(text)) {
          names[name] = {role - roles.begin(), sense->rank};
        }
      }
    }
    if (names.size() < 2) return;
    const std::string likeliest =
        std::min_element(names.begin(), names.end(), [](const auto& a, const auto& b) {
          return a.second < b.second;
        })->first;
    for (Cells& cells : rows_) {
      for (const auto& [name, likely] : names) {
        const auto other = cells.find(name);
        if (other != cells.end()) cells.try_emplace(likeliest, other->second);
      }
    }
  }

  std::span<const LoggedRun> runs_;
  const RequestedColumns& requested_;
  const Say& say_;
  std::vector<Cells> rows_;
};

}  // namespace

bool has_role(const std::string& name, std::initializer_list<ColumnRole> roles) {
  const auto sense = sense_of(name);
  return sense && std::find(roles.begin(), roles.end(), sense->role) != roles.end();
}

bool has_number(const Cells& settings, std::initializer_list<ColumnRole> roles) {
  return std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
    return has_role(setting.first, roles) && parse_number(setting.second);
  });
}

std::optional<std::string> find_cell(const Cells& cells, const std::string& name) {
  const auto exact = cells.find(name);
  if (exact != cells.end()) return exact->second;
  for (const auto& [other, text] : cells) {
    if (words_of(other) == words_of(name)) return text;
  }
  return std::nullopt;
}

std::vector<Cells> cells_of(std::span<const LoggedRun> runs, const RequestedColumns& requested,
                            const Say& say) {
  return CellsOfRuns(runs, requested, say).make();
}

Table table_of(const std::vector<Cells>& rows, const std::string& name,
               const RequestedColumns& requested) {
  TableOptions options;
  options.is_wanted = [&](std::string_view column) { return requested.is_wanted(column); };
  TableBuilder builder(name, options);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    builder.start_row(row + 1);
    for (const auto& [column, text] : rows[row]) {
      if (const auto place = builder.column_of(column)) builder.set(*place, text);
    }
  }
  return std::move(builder).finish();
}

}  // namespace etalon
