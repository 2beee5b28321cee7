#include "imports/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/joined_runs.hpp"
#include "imports/logged_metric.hpp"
#include "metrics/column_names.hpp"
#include "runs/batch_size_columns.hpp"
#include "runs/course_choice.hpp"
#include "runs/find_columns.hpp"
#include "runs/foreign_states.hpp"
#include "runs/table_builder.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

using Cells = std::map<std::string, std::string>;  // of a row, by column

constexpr const char* kState = "state";
// Of Hugging Face's trainer_state.json, which has neither devices nor accumulation.
constexpr const char* kOfOneProcess = "per_process_train_batch_size";

bool has_role(const std::string& name, std::initializer_list<ColumnRole> roles) {
  const auto sense = sense_of(name);
  return sense && std::find(roles.begin(), roles.end(), sense->role) != roles.end();
}

// Of a name, however it is spelled.
std::optional<std::string> find_cell(const Cells& cells, const std::string& name) {
  const auto exact = cells.find(name);
  if (exact != cells.end()) return exact->second;
  for (const auto& [other, text] : cells) {
    if (words_of(other) == words_of(name)) return text;
  }
  return std::nullopt;
}

bool is_budget(const std::string& name) {
  return has_role(name, {ColumnRole::steps, ColumnRole::examples, ColumnRole::epochs});
}

double greatest_of(const LoggedCurve& curve) {
  double greatest = -INFINITY;
  for (const CoursePoint& point : curve) greatest = std::max(greatest, point.value);
  return greatest;
}

// At or before `step`, else the first.
double value_at(const LoggedCurve& curve, double step) {
  double value = curve.front().value;
  for (const CoursePoint& point : curve) {
    if (point.step <= step) value = point.value;
  }
  return value;
}

// Steps one apart are epochs, or count what was measured: no updates.
bool counts_updates(const LoggedCurve& curve) {
  for (std::size_t i = 1; i < curve.size(); ++i) {
    if (curve[i].step - curve[i - 1].step > 1.0) return true;
  }
  return false;
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

void say_left_out(std::size_t count, const Condition& condition, const Say& say) {
  if (count == 0) return;
  say(fmt::format("left out {} where '{}' is not {}",
                  counted(static_cast<std::int64_t>(count), "run"), shortened(condition.name),
                  shortened(condition.value)));
}

// Makes the rows of the table.
class Tabulation {
 public:
  Tabulation(std::span<const LoggedRun> runs, const fs::path& root,
             const RequestedColumns& requested, const Say& say)
      : runs_(runs), root_(root), requested_(requested), say_(say) {
    metric_ = choose_metric(runs, root.string(), requested);
    for (const LoggedRun& run : runs) {
      chosen_.push_back(rows_.size());
      rows_.push_back({run.settings.begin(), run.settings.end()});
    }
  }

  RunTable make() {
    add_logged_settings();
    use_one_name({ColumnRole::lr});
    use_one_name({ColumnRole::global_batch_size, ColumnRole::batch_size});
    keep_chosen();
    add_batch_sizes();
    find_groups();
    add_results();
    std::vector<Cells> kept;
    for (const std::size_t run : kept_) kept.push_back(rows_[run]);
    RunTable result{table_of(kept, root_.string(), columns()), columns(), metric_, kept_};
    for (const std::size_t run : kept_) result.table.places.push_back(path_of(runs_[run], root_));
    return result;
  }

 private:
  RequestedColumns columns() const {
    RequestedColumns columns = requested_;
    columns.loss = metric_;
    columns.mode = mode_of(metric_, runs_, requested_);
    columns.run = {{"none"}};  // a row is a run
    columns.at = {};
    columns.where.clear();
    // Where a point is asked for, it is the budget.
    const bool is_point = requested_.at.is_asked_for();
    if (is_point && !columns.budget) columns.budget = "none";
    return columns;
  }

  static bool any_has(std::initializer_list<ColumnRole> roles, const LoggedRun& run) {
    return std::any_of(run.settings.begin(), run.settings.end(), [&](const auto& setting) {
      return has_role(setting.first, roles) && parse_number(setting.second);
    });
  }

  // Adds a column out of the first curve of these roles that runs have, where no setting is one.
  void add_curve_of(std::initializer_list<ColumnRole> roles, bool greatest, const char* what) {
    const bool is_set = std::any_of(runs_.begin(), runs_.end(),
                                    [&](const LoggedRun& run) { return any_has(roles, run); });
    if (is_set) return;
    std::string name;
    for (const LoggedRun& run : runs_) {
      for (const auto& [curve, points] : run.curves) {
        if (name.empty() && has_role(curve, roles)) name = curve;
      }
    }
    if (name.empty()) return;
    add_column(name, greatest);
    say_(fmt::format("took the {} '{}' of each run as its {}", greatest ? "greatest" : "last",
                     shortened(name), what));
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

  // Of runs of several tools: a setting of these roles has the name that most runs give it.
  void use_one_name(std::initializer_list<ColumnRole> roles) {
    std::map<std::string, std::size_t> counts;
    for (const Cells& cells : rows_) {
      for (const auto& [name, text] : cells) {
        if (has_role(name, roles) && parse_number(text)) ++counts[name];
      }
    }
    if (counts.size() < 2) return;
    const std::string usual =
        std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
          return a.second < b.second;
        })->first;
    for (Cells& cells : rows_) {
      if (cells.contains(usual)) continue;
      for (const auto& [name, count] : counts) {
        const auto other = cells.find(name);
        if (other != cells.end()) cells.try_emplace(usual, other->second);
      }
    }
  }

  // What the request's conditions hold of, by name and value.
  void keep_chosen() {
    for (const std::string& text : requested_.where) {
      const Condition condition = parse_condition(text, root_.string());
      const auto left_out = std::erase_if(chosen_, [&](std::size_t run) {
        const auto cell = find_cell(rows_[run], condition.name);
        return !cell || !is_same_value(*cell, condition.value);
      });
      say_left_out(left_out, condition, say_);
    }
    if (!chosen_.empty()) return;
    throw InputError("no run is as asked for", root_.string(),
                     fmt::format("say {} of what the runs have", field_name("where")));
  }

  // Runs of different settings are not compared, and so need not be equally long.
  void find_groups() {
    std::vector<Cells> rows;
    for (const std::size_t run : chosen_) {
      Cells cells = rows_[run];
      const LoggedCurve* curve = find_curve(runs_[run], metric_);
      cells[metric_] =
          curve != nullptr && !curve->empty() ? fmt::format("{}", curve->back().value) : "";
      rows.push_back(std::move(cells));
    }
    groups_.assign(rows_.size(), "");
    try {
      const Table table = table_of(rows, root_.string(), columns());
      const RunColumns guessed = guess_columns(table, columns()).columns;
      for (std::size_t row = 0; row < rows.size(); ++row) {
        for (const std::string& name : guessed.group_by) {
          groups_[chosen_[row]] += fmt::format("{}={}\n", name, table.column(name).at(row));
        }
      }
    } catch (const InputError&) {  // whoever reads the table says what is wrong with it
    }
  }

  // For the courses alone: what was taken is said by whoever reads the table.
  void add_batch_sizes() {
    const Table table = table_of(rows_, root_.string(), requested_);
    const BatchSizeColumns columns = batch_size_columns(table);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const bool is_known = !is_blank(table.column(columns.columns.front()).at(i));
      batch_sizes_.push_back(is_known ? columns.at(table, i) : 0.0);
    }
  }

  BatchSizeColumns batch_size_columns(const Table& table) const {
    if (requested_.batch_is) return parse_batch_size(table, *requested_.batch_is);
    if (requested_.batch_size) return {{require_column(table, *requested_.batch_size)}};
    std::vector<std::string> said;
    const auto guessed = guess_batch_size(table, said);
    if (guessed && guessed->columns == std::vector<std::string>{kOfOneProcess}) {
      throw InputError(
          "the runs say how many examples one process takes at once, not how many "
          "there are in all",
          root_.string(),
          fmt::format("say {} '{}*8' where eight processes and micro-steps make a "
                      "batch; or, where it is in the paths of the runs, such as '{}', "
                      "{}",
                      field_name("batch_is"), kOfOneProcess,
                      shortened(path_of(runs_.front(), root_)), field_name("params_from")));
    }
    if (guessed) return *guessed;
    const std::string example = path_of(runs_.front(), root_);
    throw InputError(
        "no setting of the runs looks like the batch size", root_.string(),
        fmt::format("name it with {}, among: {}; or, where it is in the paths of the runs, such as "
                    "'{}', say {} '(?<batch_size>[0-9]+)' with what stands around it",
                    field_name("batch_column"), column_list(table), shortened(example),
                    field_name("params_from")));
  }

  Course course_of(std::size_t i) const {
    Course course;
    course.group = groups_[i] + runs_[i].tool + '\n';
    for (const auto& [name, text] : rows_[i]) {
      if (is_budget(name)) course.group += fmt::format("{}={}\n", name, text);
    }
    course.batch_size = batch_sizes_[i];
    if (const LoggedCurve* curve = find_curve(runs_[i], metric_)) course.points = *curve;
    course.has_diverged = has_diverged(runs_[i], metric_);
    return course;
  }

  // Runs of which the tool says that they did not end are no courses to compare others with.
  bool is_result(const LoggedRun& run) const {
    const auto state = parse_foreign_state(run.state);
    return run.state.empty() || !state || etalon::is_result(*state) || has_diverged(run, metric_);
  }

  void add_results() {
    std::vector<Course> courses;
    std::vector<std::size_t> ended;
    for (const std::size_t i : chosen_) {
      rows_[i].erase(metric_);  // a setting of this name is another thing
      if (is_result(runs_[i])) {
        ended.push_back(i);
        courses.push_back(course_of(i));
      } else {
        rows_[i][kState] = runs_[i].state;
        kept_.push_back(i);
      }
    }
    const CourseChoices choices = choose_points(courses, requested_.at, mode());
    for (std::size_t i = 0; i < ended.size(); ++i) {
      add_result(ended[i], courses[i], choices.points[i]);
    }
    std::sort(kept_.begin(), kept_.end());
    for (const std::string& sentence : choices.said) say_(sentence);
    say_what_diverged();
    const bool any_short =
        std::any_of(choices.points.begin(), choices.points.end(),
                    [](const std::optional<std::size_t>& point) { return !point.has_value(); });
    if (results_ == 0 && (any_short || diverged_ == 0)) refuse_without_results(courses);
  }

  // Where it was another loss that told.
  void say_what_diverged() const {
    std::int64_t by_others = 0;
    for (const std::size_t i : kept_) {
      const LoggedCurve* curve = find_curve(runs_[i], metric_);
      const bool is_finite =
          curve != nullptr && !curve->empty() && std::isfinite(curve->back().value);
      if (is_finite && is_result(runs_[i]) && has_diverged(runs_[i], metric_)) ++by_others;
    }
    if (by_others == 0) return;
    say_(fmt::format("took {} as diverged whose '{}' is finite, but not another loss after it",
                     counted(by_others, "run"), shortened(metric_)));
  }

  // "; 3 are RUNNING", of those that did not end.
  std::string states_text() const {
    std::map<std::string, std::size_t> counts;
    for (const std::size_t i : kept_) ++counts[rows_[i].at(kState)];
    std::string text;
    for (const auto& [state, count] : counts) {
      text += fmt::format("; {} {} {}", count, count == 1 ? "is" : "are", shortened(state, 30));
    }
    return text;
  }

  [[noreturn]] void refuse_without_results(const std::vector<Course>& courses) const {
    std::string where = states_text();
    for (const Course& course : courses) {
      if (course.points.empty() || !requested_.at.is_asked_for()) continue;
      where += fmt::format("; the first of them was measured at {:g}", course.points.front().step);
      for (std::size_t i = 1; i < course.points.size() && i < 5; ++i) {
        where += fmt::format(", {:g}", course.points[i].step);
      }
      where += fmt::format(", and last at {:g}", course.points.back().step);
      break;
    }
    throw InputError(fmt::format("no run has a '{}' there to compare{}", shortened(metric_), where),
                     root_.string(),
                     requested_.at.is_asked_for() ? fmt::format("say another {}", field_name("at"))
                                                  : "wait until some have ended");
  }

  MetricMode mode() const {
    const auto sense = metric_sense_of(metric_);
    return mode_of(metric_, runs_, requested_)
        .value_or(sense ? sense->mode : MetricMode::minimized);
  }

  void add_result(std::size_t row, const Course& course, std::optional<std::size_t> point) {
    if (!point && !course.points.empty()) return;  // it was too short
    kept_.push_back(row);
    Cells& cells = rows_[row];
    cells[kState] = course.has_diverged ? "diverged" : "finished";
    cells.try_emplace(metric_, "");  // the column is there, though all diverged
    ++(course.has_diverged ? diverged_ : results_);
    if (course.has_diverged || !point) return;
    cells[metric_] = fmt::format("{}", course.points[*point].value);
    if (requested_.at.is_asked_for()) return;
    add_budget(row, course, course.points[*point].step);
  }

  // As the log counts, where no setting says it.
  void add_budget(std::size_t row, const Course& course, double step) {
    if (any_has({ColumnRole::steps, ColumnRole::epochs, ColumnRole::examples}, runs_[row])) return;
    const LoggedCurve* epochs = find_curve(runs_[row], "epoch");
    if (epochs != nullptr && !epochs->empty()) {
      rows_[row]["epoch"] = fmt::format("{}", value_at(*epochs, step));
    } else if (counts_updates(course.points)) {
      rows_[row]["step"] = fmt::format("{}", step);
    }
  }

  std::span<const LoggedRun> runs_;
  const fs::path root_;
  const RequestedColumns& requested_;
  const Say& say_;
  std::string metric_;
  std::vector<Cells> rows_;
  std::vector<double> batch_sizes_;         // by run; 0 where it is not known
  std::vector<std::size_t> chosen_;         // the runs that are asked for
  std::vector<std::string> groups_;         // by run
  std::vector<std::size_t> kept_;           // the runs that have a row
  std::size_t results_ = 0, diverged_ = 0;  // of them
};

}  // namespace

void keep_where(std::vector<LoggedRun>& runs, const RequestedColumns& requested, const Say& say) {
  for (const std::string& text : requested.where) {
    const Condition condition = parse_condition(text, "");
    const bool is_setting = std::any_of(runs.begin(), runs.end(), [&](const LoggedRun& run) {
      return find_cell(run.settings, condition.name).has_value();
    });
    if (!is_setting) continue;
    const auto left_out = std::erase_if(runs, [&](const LoggedRun& run) {
      const auto cell = find_cell(run.settings, condition.name);
      return !cell || !is_same_value(*cell, condition.value);
    });
    say_left_out(left_out, condition, say);
  }
  if (runs.empty()) {
    throw InputError("no run is as asked for", "",
                     fmt::format("say {} of what the runs have", field_name("where")));
  }
}

RunTable tabulate(std::span<const LoggedRun> runs, const fs::path& root,
                  const RequestedColumns& requested, const Say& say) {
  return Tabulation(runs, root, requested, say).make();
}

}  // namespace etalon
