#include "imports/run_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/chosen_runs.hpp"
#include "imports/joined_runs.hpp"
#include "imports/logged_batch_size.hpp"
#include "imports/logged_metric.hpp"
#include "imports/run_cells.hpp"
#include "runs/course_choice.hpp"
#include "runs/foreign_states.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kState = "state";

bool is_budget(const std::string& name) {
  return has_role(name, {ColumnRole::steps, ColumnRole::examples, ColumnRole::epochs});
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

// Makes the rows of the table.
class Tabulation {
 public:
  Tabulation(std::span<const LoggedRun> runs, const fs::path& root,
             const RequestedColumns& requested, const Say& say)
      : runs_(runs), root_(root), requested_(requested), say_(say) {
    metric_ = choose_metric(runs, root.string(), requested);
  }

  RunTable make() {
    rows_ = cells_of(runs_, requested_, say_);
    chosen_ = chosen_rows(rows_, root_.string(), requested_, say_);
    batch_sizes_ =
        batch_sizes_of(rows_, root_.string(), path_of(runs_.front(), root_), requested_, say_);
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
    if (has_number(runs_[row].settings,
                   {ColumnRole::steps, ColumnRole::epochs, ColumnRole::examples}))
      return;
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

RunTable tabulate(std::span<const LoggedRun> runs, const fs::path& root,
                  const RequestedColumns& requested, const Say& say) {
  return Tabulation(runs, root, requested, say).make();
}

}  // namespace etalon
