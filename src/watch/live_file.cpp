#include "watch/live_file.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "etalon/bounds.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

Json or_null_live(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json moved_in(const MovedSettings& moved) {
  Json json = Json::object();
  for (const auto& [name, value] : kMovableSettings) {
    if (moved.*value) json[std::string(name)] = *(moved.*value);
  }
  return json;
}

// Throws nlohmann's exceptions where something has another type.
MovedSettings moved_of(const Json& json) {
  MovedSettings moved;
  for (const auto& [name, value] : kMovableSettings) {
    const auto found = json.find(std::string(name));
    if (found != json.end()) moved.*value = found->get<double>();
  }
  return moved;
}

Stage stage_of(const std::string& word) {
  for (const Stage stage : {Stage::base, Stage::rules}) {
    if (word == to_string(stage)) return stage;
  }
  return Stage::tuned;
}

std::optional<double> number_at(const Json& row, std::size_t i) {
  return row.at(i).is_null() ? std::nullopt : std::optional(row.at(i).get<double>());
}

LiveTrial trial_of(const Json& json) {
  LiveTrial trial;
  TrialRecord& record = trial.record;
  record.id = json.at("trial").get<std::int64_t>();
  record.round = json.at("round").get<std::int64_t>();
  record.stage = stage_of(json.at("stage").get<std::string>());
  record.spec = {json.at("batch_size").get<std::int64_t>(), json.at("lr").get<double>(),
                 json.at("seed").get<std::uint64_t>(), moved_of(json.at("moved"))};
  record.attempts = json.at("attempt").get<std::int64_t>();
  record.result.state = TrialState::pending;
  record.result.message = json.at("reason").get<std::string>();
  trial.started = json.at("started").get<double>();
  return trial;
}

LivePoint point_of(const Json& row) {
  return {.point = {.step = row.at(0).get<std::int64_t>(),
                    .examples = row.at(1).get<std::int64_t>(),
                    .epoch = row.at(2).get<double>(),
                    .train_loss = number_at(row, 3),
                    .validation_loss = number_at(row, 4),
                    .validation_accuracy = number_at(row, 5)},
          .seconds = row.at(6).get<double>()};
}

// Nothing where the text is no JSON of the form that `read` expects.
template <typename Read>
auto parsed(std::string_view line, Read&& read) -> std::optional<decltype(read(Json()))> {
  try {
    return read(Json::parse(line));
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::filesystem::path live_directory(const std::filesystem::path& study_directory) {
  return study_directory / "live";
}

std::string live_head(const TrialRecord& record, double started) {
  const Json json = {{"trial", record.id},
                     {"round", record.round},
                     {"stage", std::string(to_string(record.stage))},
                     {"batch_size", record.spec.batch_size},
                     {"lr", record.spec.lr},
                     {"seed", record.spec.seed},
                     {"moved", moved_in(record.spec.moved)},
                     {"attempt", record.attempts},
                     {"started", started},
                     {"reason", record.result.message}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string live_line(const LivePoint& live) {
  const CurvePoint& point = live.point;
  const Json row = {point.step,
                    point.examples,
                    point.epoch,
                    or_null_live(point.train_loss),
                    or_null_live(point.validation_loss),
                    or_null_live(point.validation_accuracy),
                    live.seconds};
  return row.dump() + '\n';
}

std::optional<LiveTrial> parse_live_head(std::string_view line) {
  auto trial = parsed(line, trial_of);
  if (!trial) return std::nullopt;
  const TrialSpec& spec = trial->record.spec;
  const bool is_sound = trial->record.id >= 1 && is_valid_lr(spec.lr) &&
                        is_valid_batch_size(static_cast<double>(spec.batch_size));
  return is_sound ? trial : std::nullopt;
}

std::optional<LivePoint> parse_live_line(std::string_view line) { return parsed(line, point_of); }

}  // namespace etalon
