#include "runs/course_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "core/text.hpp"

namespace etalon {
namespace {

constexpr double kSlack = 0.05;

bool is_below(double step, double end) { return step < end * (1.0 - kSlack); }
bool is_beyond(double step, double end) { return step > end * (1.0 + kSlack); }

// The latest end that a third of them have, since what was aborted may be many; else where most
// end. `ends` is not empty.
double usual_end(std::vector<double> ends) {
  std::sort(ends.begin(), ends.end(), std::greater<>());
  const auto enough = (std::ssize(ends) + 2) / 3;
  double usual = ends.front();
  std::ptrdiff_t most = 0;
  for (const double end : ends) {
    const auto alike = std::count_if(ends.begin(), ends.end(), [&](double other) {
      return other <= end && !is_below(other, end);
    });
    if (alike > most) usual = end;
    most = std::max(most, alike);
    if (alike >= enough) return end;
  }
  return usual;
}

// The last point that is not beyond `end`; none where that is far before it.
std::optional<std::size_t> point_at(const Course& course, double end) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < course.points.size(); ++i) {
    if (!is_beyond(course.points[i].step, end)) found = i;
  }
  if (found && is_below(course.points[*found].step, end)) found.reset();
  return found;
}

// The last one at or before `step`; none where that is far before it.
std::optional<std::size_t> point_before(const Course& course, double step) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < course.points.size() && course.points[i].step <= step; ++i) found = i;
  if (found && is_below(course.points[*found].step, step)) found.reset();
  return found;
}

// Up to the point at `last`.
std::size_t best_of(const Course& course, std::size_t last, MetricMode mode) {
  const auto loss = [&](std::size_t i) -> double {
    const double value = course.points[i].value;
    if (!std::isfinite(value)) return INFINITY;
    return mode == MetricMode::maximized ? -value : value;
  };
  std::size_t best = last;
  for (std::size_t i = 0; i <= last; ++i) {
    if (loss(i) < loss(best)) best = i;
  }
  return best;
}

// Chooses among the courses of a study.
class CourseChoosing {
 public:
  CourseChoosing(std::span<const Course> courses, const MeasuredAt& at, MetricMode mode)
      : courses_(courses), at_(at), mode_(mode) {
    std::map<Key, std::vector<double>> ends;
    for (const Course& course : courses) {
      const bool ended = !course.has_diverged && !course.points.empty();
      if (ended) ends[key_of(course)].push_back(course.points.back().step);
    }
    for (auto& [key, all] : ends) ends_[key] = usual_end(std::move(all));
  }

  CourseChoices run() {
    CourseChoices choices;
    for (const Course& course : courses_) choices.points.push_back(choose(course));
    choices.said = say();
    return choices;
  }

 private:
  using Key = std::pair<std::string, double>;
  static Key key_of(const Course& course) { return {course.group, course.batch_size}; }

  std::optional<std::size_t> choose(const Course& course) {
    if (course.points.empty()) return std::nullopt;
    if (course.has_diverged) return course.points.size() - 1;
    const auto asked = at_.step_at(course.batch_size);
    const double usual = ends_.at(key_of(course));
    const bool is_share = at_.kind == MeasuredAt::Kind::share;
    if (is_share && is_below(course.points.back().step, usual)) return ++short_, std::nullopt;
    const double end = asked ? *asked : is_share ? at_.amount * usual : usual;
    const auto point = at_.is_asked_for() ? point_before(course, end) : point_at(course, end);
    if (!point) ++short_;
    if (point && !at_.is_asked_for() && *point + 1 < course.points.size()) ++cut_;
    if (!point || at_.kind != MeasuredAt::Kind::best) return point;
    return best_of(course, *point, mode_);
  }

  std::vector<std::string> say() const {
    std::vector<std::string> said;
    if (short_ > 0) {
      said.push_back(fmt::format("left out {} that {}", counted(short_, "run"),
                                 at_.is_asked_for()
                                     ? "did not come so far, or were not measured there"
                                     : "ended before others of the same batch size"));
    }
    if (cut_ > 0) {
      said.push_back(
          fmt::format("read {} that went on for longer where others of the same batch size end",
                      counted(cut_, "run")));
    }
    if (at_.kind == MeasuredAt::Kind::best) {
      said.emplace_back(
          "took the best value of each run, which flatters runs that are noisy or "
          "measured often");
    }
    return said;
  }

  std::span<const Course> courses_;
  const MeasuredAt at_;
  const MetricMode mode_;
  std::map<Key, double> ends_;
  std::int64_t short_ = 0, cut_ = 0;
};

}  // namespace

CourseChoices choose_points(std::span<const Course> courses, const MeasuredAt& at,
                            MetricMode mode) {
  return CourseChoosing(courses, at, mode).run();
}

}  // namespace etalon
