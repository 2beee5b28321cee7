#include "report/study/page_json.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "law/exponent_line.hpp"
#include "report/study/curve_thinning.hpp"
#include "report/study/summary_json.hpp"
#include "study/generalization.hpp"
#include "study/told_regret.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

// Curves are for the eye: six digits halve the page's data.
Json six_digits(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  if (*value == 0.0) return 0.0;
  const double scale = std::pow(10.0, 5.0 - std::floor(std::log10(std::abs(*value))));
  const double rounded = std::round(*value * scale) / scale;
  return std::isfinite(rounded) ? Json(rounded) : Json(*value);
}

Json optional_json(const auto& value) { return value ? Json(*value) : Json(nullptr); }

// Nothing where no point has the loss.
void add_losses(Json& json, const char* name, const std::vector<CurvePoint>& curve,
                std::optional<double> CurvePoint::*loss) {
  const auto has = [&](const CurvePoint& point) { return (point.*loss).has_value(); };
  if (std::none_of(curve.begin(), curve.end(), has)) return;
  json[name] = Json::array();
  for (const CurvePoint& point : curve) json[name].push_back(six_digits(point.*loss));
}

void add_both_losses(Json& json, const std::vector<CurvePoint>& curve) {
  add_losses(json, "train_loss", curve, &CurvePoint::train_loss);
  add_losses(json, "validation_loss", curve, &CurvePoint::validation_loss);
}

Json course_json(const auto& course) {
  Json step = Json::array(), epoch = Json::array();
  for (const auto& [steps, epochs] : course) {
    step.push_back(steps);
    epoch.push_back(six_digits(epochs));
  }
  return {{"step", std::move(step)}, {"epoch", std::move(epoch)}};
}

auto course_of(const std::vector<CurvePoint>& curve) {
  std::vector<std::pair<std::int64_t, double>> course;
  course.reserve(curve.size());
  for (const CurvePoint& point : curve) course.emplace_back(point.step, point.epoch);
  return course;
}

// Beyond which a rule's regret is said to be large alone; see core/told_number.hpp.
double greatest_told_of(const StudyResult& result) {
  double greatest = greatest_told(0.0);
  for (const RuleOutcome& rule : result.rules) {
    greatest = std::max(greatest, greatest_told(rule.regret));
  }
  return greatest;
}

// Those that the exponent was fitted to: where nothing was learned, nothing is recommended.
std::vector<Optimum> recommended_optima(const StudyResult& result) {
  std::vector<Optimum> optima;
  for (const Optimum& optimum : result.optima) {
    const bool is_among = std::any_of(
        result.recommendations.begin(), result.recommendations.end(), [&](const auto& each) {
          return static_cast<double>(each.batch_size) == optimum.batch_size;
        });
    if (is_among) optima.push_back(optimum);
  }
  return optima;
}

// What is drawn of fitted lines, from end to end: [batch size, value] each.
Json lines_of(const StudyResult& result) {
  Json lines = {{"exponent", nullptr}, {"gap", nullptr}};
  const auto line = result.exponent
                        ? exponent_line(recommended_optima(result), result.exponent->level)
                        : std::nullopt;
  if (line) {
    lines["exponent"] = {{line->batch_size_low, line->lr_low},
                         {line->batch_size_high, line->lr_high}};
  }
  const auto& found = result.generalization;
  if (const auto gaps = found ? gap_line(*found) : std::nullopt) {
    lines["gap"] = {{found->gaps.front().batch_size, gaps->first},
                    {found->gaps.back().batch_size, gaps->second}};
  }
  return lines;
}

}  // namespace

PageCurves::PageCurves(std::span<const TrialRecord> trials) {
  std::map<std::int64_t, std::size_t> longest;
  for (const TrialRecord& trial : trials) {
    std::size_t& length = longest[trial.spec.batch_size];
    length = std::max(length, trial.result.curve.size());
  }
  const std::size_t most = points_per_curve(trials.size());
  for (const auto& [batch_size, length] : longest) kept_[batch_size] = kept_points(length, most);
}

Json PageCurves::curve(const TrialRecord& trial) {
  const std::vector<CurvePoint> points = thinned(trial.result.curve, kept_[trial.spec.batch_size]);
  points_left_out_ += std::ssize(trial.result.curve) - std::ssize(points);
  const auto [found, is_new] = numbers_.emplace(course_of(points), courses_.size());
  if (is_new) courses_.push_back(found->first);
  Json json = {{"course", found->second}};
  add_both_losses(json, points);
  return json;
}

Json PageCurves::courses() const {
  Json all = Json::array();
  for (const Course& course : courses_) all.push_back(course_json(course));
  return all;
}

Json curve_json(const std::vector<CurvePoint>& curve, std::size_t most) {
  const std::vector<CurvePoint> points = thinned(curve, kept_points(curve.size(), most));
  Json json = course_json(course_of(points));
  add_both_losses(json, points);
  return json;
}

Json trial_json(const TrialRecord& trial, Json curve) {
  return {{"id", trial.id},
          {"round", trial.round},
          {"stage", std::string(to_string(trial.stage))},
          {"batch_size", trial.spec.batch_size},
          {"lr", trial.spec.lr},
          {"seed", trial.spec.seed},
          {"moved", moved_json(trial.spec.moved)},
          {"state", std::string(to_string(trial.result.state))},
          {"objective", optional_json(trial.result.objective)},
          {"validation_accuracy", optional_json(trial.result.validation_accuracy)},
          {"train_loss", optional_json(trial.result.train_loss)},
          {"diverged_step", optional_json(trial.result.diverged_step)},
          {"message", trial.result.message},
          {"steps", trial.result.steps},
          {"wall_seconds", trial.result.wall_seconds},
          {"curve", std::move(curve)}};
}

Json answer_json(const StudyResult& result, const Provenance& provenance) {
  return {{"summary", summary_document(result, provenance)},
          {"greatest_told", greatest_told_of(result)},
          {"lines", lines_of(result)}};
}

Json page_json(const StudyResult& result, const Provenance& provenance) {
  Json json = answer_json(result, provenance);
  PageCurves curves(result.trials);
  Json trials = Json::array();
  for (const TrialRecord& trial : result.trials)
    trials.push_back(trial_json(trial, curves.curve(trial)));
  json["trials"] = std::move(trials);
  json["courses"] = curves.courses();
  json["points_left_out"] = curves.points_left_out();
  return json;
}

}  // namespace etalon
