#include "runs/run_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "runs/course_choice.hpp"
#include "runs/foreign_states.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

double lr_at(const Table& table, std::size_t row, const TableColumn& column) {
  const double lr = to_number(table, row, column, "give a number");
  if (is_valid_lr(lr)) return lr;
  throw InputError(
      fmt::format("{} in column '{}' is no learning rate", lr, shortened(column.name())),
      place_of(table, row),
      fmt::format("it must be from {:g} to {:g}; correct or drop the row", kLeastLr, kGreatestLr));
}

// Sorts rows by what became of them, and counts those that are no runs.
class RowSieve {
 public:
  RowSieve(const Table& table, const RunColumns& columns)
      : table_(table), columns_(columns), value_(table.column(columns.metric.column)) {}

  // Whether the row is of a run that ended, as far as its state says.
  bool take(std::size_t row) {
    if (columns_.exit_code && fails(table_.column(*columns_.exit_code).at(row))) {
      ++left_out_[fmt::format("of exit code '{}'",
                              shortened(table_.column(*columns_.exit_code).at(row), 30))];
      return false;
    }
    if (columns_.failed && is_set_flag(table_.column(*columns_.failed).at(row))) {
      ++left_out_[fmt::format("that '{}' says failed", shortened(*columns_.failed))];
      return false;
    }
    for (const std::string& recipe : columns_.recipes) {
      if (is_blank(table_.column(recipe).at(row))) continue;
      ++left_out_["that moved more than the learning rate"];
      return false;
    }
    const std::string& batch_size = columns_.batch_size.columns.front();
    if (columns_.run.empty()) {
      for (const std::string& needed : {batch_size, columns_.lr}) {
        if (!is_blank(table_.column(needed).at(row))) continue;
        ++left_out_[fmt::format("without a '{}'", shortened(needed))];
        return false;
      }
    }
    for (const auto& [column, text] : columns_.where) {
      if (is_same_value(table_.column(column).at(row), text)) continue;
      ++left_out_[fmt::format("where '{}' is not {}", shortened(column), shortened(text))];
      return false;
    }
    if (!columns_.state) return true;
    const std::string& text = table_.column(*columns_.state).at(row);
    const auto state = parse_foreign_state(text);
    if (is_blank(text) || (state && is_result(*state))) return true;
    ++left_out_[fmt::format("in state '{}'", shortened(text, 30))];
    return false;
  }

  // What a run's last row says; none where it says nothing.
  std::optional<bool> has_diverged(std::size_t row) {
    if (is_marked(row)) return true;
    if (!is_blank(value_.at(row))) {
      return !is_valid_loss(to_number(table_, row, value_));
    }
    if (columns_.state || columns_.exit_code || columns_.failed) {
      ++left_out_[fmt::format("without a '{}' that did not diverge", shortened(value_.name()))];
      return std::nullopt;
    }
    ++blank_;
    return true;
  }

  std::vector<std::string> say() const {
    std::vector<std::string> said;
    for (const auto& [what, count] : left_out_) {
      said.push_back(fmt::format("left out {} {}", counted(count, noun()), what));
    }
    if (blank_ > 0) {
      said.push_back(fmt::format("took {} with an empty '{}' as diverged", counted(blank_, noun()),
                                 shortened(value_.name())));
    }
    return said;
  }

 private:
  // Rows that were made of logs are not known to whoever reads of them.
  const char* noun() const { return table_.places.empty() ? "row" : "run"; }

  static bool fails(const std::string& exit_code) {
    return !is_blank(exit_code) && parse_number(exit_code) != 0.0;
  }

  bool is_marked(std::size_t row) const {
    const bool is_flagged =
        columns_.diverged && is_set_flag(table_.column(*columns_.diverged).at(row));
    return is_flagged ||
           (columns_.state &&
            parse_foreign_state(table_.column(*columns_.state).at(row)) == TrialState::diverged);
  }

  const Table& table_;
  const RunColumns& columns_;
  const TableColumn& value_;
  std::map<std::string, std::int64_t> left_out_;
  std::int64_t blank_ = 0;
};

// The rows of one run so far, those that have a value.
struct RowCourse {
  std::vector<std::pair<double, std::size_t>> rows;  // by what orders them
  std::size_t any = 0;                               // of all rows, where none has a value
  double lr = 0.0;
};

// Joins the rows of each run.
class RowCourses {
 public:
  RowCourses(const Table& table, const RunColumns& columns) : table_(table), columns_(columns) {}

  void add(std::size_t row, double lr) {
    std::vector<std::string> key = texts_at(columns_.run, row);
    for (std::string& text : texts_at(columns_.group_by, row)) key.push_back(std::move(text));
    const auto [found, is_new] = index_.try_emplace(std::move(key), courses_.size());
    if (is_new) courses_.emplace_back();
    RowCourse& course = courses_[found->second];
    course.lr = std::max(course.lr, lr);
    course.any = row;
    if (!is_blank(value_.at(row))) course.rows.emplace_back(order_at(row, course), row);
  }

  // What each run came to, and what there is to say.
  template <typename Hear>
  std::vector<std::string> finish(const Hear& hear) {
    std::vector<Course> courses;
    for (RowCourse& course : courses_) {
      std::sort(course.rows.begin(), course.rows.end());
      courses.push_back(course_of(course));
    }
    const CourseChoices choices = choose_points(courses, columns_.at, columns_.metric.mode);
    for (std::size_t i = 0; i < courses.size(); ++i) {
      const auto point = choices.points[i];
      if (point) hear(courses_[i].rows[*point].second, courses_[i].lr);
      if (courses_[i].rows.empty()) hear(courses_[i].any, courses_[i].lr);
    }
    return choices.said;
  }

 private:
  std::vector<std::string> texts_at(const std::vector<std::string>& names, std::size_t row) const {
    std::vector<std::string> texts;
    texts.reserve(names.size());
    for (const std::string& name : names) texts.push_back(table_.column(name).at(row));
    return texts;
  }

  Course course_of(const RowCourse& rows) const {
    Course course;
    if (rows.rows.empty()) return course;
    for (const auto& [order, row] : rows.rows) {
      course.points.push_back({order, to_number(table_, row, value_)});
    }
    course.group = fmt::format("{}", fmt::join(texts_at(columns_.group_by, rows.any), "\n"));
    course.batch_size = columns_.batch_size.at(table_, rows.any);
    course.has_diverged = !is_valid_loss(course.points.back().value);
    return course;
  }

  // Rows that nothing orders count from 1.
  double order_at(std::size_t row, const RowCourse& course) const {
    if (!columns_.order) return static_cast<double>(course.rows.size() + 1);
    return parse_number(table_.column(*columns_.order).at(row)).value_or(-INFINITY);
  }

  const Table& table_;
  const RunColumns& columns_;
  const TableColumn& value_ = table_.column(columns_.metric.column);
  std::map<std::vector<std::string>, std::size_t> index_;
  std::vector<RowCourse> courses_;
};

// A learning rate that is not positive is that of a schedule's end, where the run has others.
double course_lr(const Table& table, std::size_t row, const TableColumn& column) {
  const double lr = to_number(table, row, column, "give a number");
  return lr == 0.0 ? 0.0 : lr_at(table, row, column);
}

}  // namespace

RunRows find_run_rows(const Table& table, const RunColumns& columns) {
  RowSieve sieve(table, columns);
  RunRows result;
  const TableColumn& lr = table.column(columns.lr);
  const auto add = [&](std::size_t row, double value) {
    if (const auto diverged = sieve.has_diverged(row))
      result.rows.push_back({row, value, *diverged});
  };
  RowCourses courses(table, columns);
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (!sieve.take(row)) continue;
    if (columns.run.empty()) {
      add(row, lr_at(table, row, lr));
    } else {
      courses.add(row, is_blank(lr.at(row)) ? 0.0 : course_lr(table, row, lr));
    }
  }
  const std::vector<std::string> chosen = courses.finish([&](std::size_t row, double greatest) {
    add(row, greatest > 0.0 ? greatest : lr_at(table, row, lr));
  });
  result.said = sieve.say();
  result.said.insert(result.said.end(), chosen.begin(), chosen.end());
  if (!result.rows.empty()) return result;
  throw InputError(fmt::format("no run has ended: {}", fmt::join(result.said, ", ")), table.name,
                   "wait for some to finish");
}

}  // namespace etalon
