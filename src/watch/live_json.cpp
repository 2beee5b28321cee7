#include "watch/live_json.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "report/study/page_json.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPointsOfLiveCurve = 400;

template <typename T>
Json known_or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::vector<CurvePoint> curve_of(const LiveTrial& live) {
  std::vector<CurvePoint> curve;
  curve.reserve(live.points.size());
  for (const LivePoint& each : live.points) curve.push_back(each.point);
  return curve;
}

// Times of the points that the page keeps of the curve.
Json times_of(const LiveTrial& live, const Json& kept_steps) {
  std::map<std::int64_t, double> at;
  for (const LivePoint& each : live.points) at[each.point.step] = each.seconds;
  Json times = Json::array();
  for (const Json& step : kept_steps) times.push_back(at[step.get<std::int64_t>()]);
  return times;
}

Json running_json(const LiveTrial& live, const std::string& reason, double now) {
  Json curve = curve_json(curve_of(live), kPointsOfLiveCurve);
  curve["seconds"] = times_of(live, curve["step"]);
  Json json = trial_json(live.record, std::move(curve));
  json["state"] = "running";
  json["attempt"] = live.record.attempts;
  json["reason"] = reason;
  json["seconds"] = std::max(0.0, now - live.started);
  return json;
}

Json waiting_json(const TrialRecord& record) {
  Json json = trial_json(record, curve_json(record.result.curve, kPointsOfLiveCurve));
  json["state"] = "waiting";
  json["attempt"] = record.attempts;
  json["reason"] = record.result.message;
  json["seconds"] = nullptr;
  return json;
}

Json under_way_json(const WatchedStudy& study, std::span<const LiveTrial* const> live, double now) {
  std::set<std::int64_t> ended, shown;
  std::map<std::int64_t, std::string> reasons;
  for (const TrialRecord& trial : study.result.trials) {
    if (trial.result.state != TrialState::failed) ended.insert(trial.id);
  }
  for (const TrialRecord& trial : study.pending) reasons[trial.id] = trial.result.message;
  Json all = Json::array();
  for (const LiveTrial* trial : live) {
    if (ended.contains(trial->record.id)) continue;
    shown.insert(trial->record.id);
    const auto stored = reasons.find(trial->record.id);
    const std::string& own = trial->record.result.message;
    all.push_back(running_json(*trial, stored == reasons.end() ? own : stored->second, now));
  }
  for (const TrialRecord& trial : study.pending) {
    if (!shown.contains(trial.id)) all.push_back(waiting_json(trial));
  }
  return all;
}

Json outlook_json(const Outlook& outlook) {
  return {{"ended", outlook.ended},
          {"expected", outlook.expected},
          {"seconds_left", known_or_null(outlook.seconds_left)},
          {"cost_left", known_or_null(outlook.cost_left)}};
}

Json open_json(const std::vector<OpenVerdict>& open) {
  Json all = Json::array();
  for (const OpenVerdict& each : open) {
    all.push_back({{"rule", each.rule},
                   {"batch_size", each.batch_size},
                   {"trials", known_or_null(each.trials)}});
  }
  return all;
}

}  // namespace

Json live_json(const WatchedStudy& study, std::span<const LiveTrial* const> live,
               const LiveState& state) {
  return {{"is_worked_on", known_or_null(state.is_worked_on)},
          {"seconds_since_change", known_or_null(state.seconds_since_change)},
          {"now", state.now},
          {"is_complete", !study.result.interrupted && study.pending.empty() && live.empty()},
          {"outlook", outlook_json(study.outlook)},
          {"open", open_json(study.open)},
          {"under_way", under_way_json(study, live, state.now)}};
}

}  // namespace etalon
