// A training run as a checkpoint, and back.
#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.hpp"
#include "train/checkpoint.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> optional_number(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

Json to_json(const RunPoint& point) {
  return {point.step,
          point.examples,
          point.batch_size,
          point.lr,
          point.train_loss,
          point.validation_loss,
          point.validation_accuracy,
          point.clipped_fraction,
          optional_json(point.noise_scale)};
}

RunPoint point_from_json(const Json& json) {
  return {json.at(0), json.at(1), json.at(2),
          json.at(3), json.at(4), json.at(5),
          json.at(6), json.at(7), optional_number(json.at(8))};
}

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) json[name] = value;
  return json;
}

void require_same_settings(const Json& stored, const Settings& wanted, const std::string& place) {
  const Json ours = settings_json(wanted);
  const auto refuse = [&](const std::string& name, const std::string& theirs,
                          const std::string& here) {
    throw InputError(
        fmt::format("the checkpoint is of another training: {} is {} there and {} here", name,
                    theirs, here),
        place, "give the same settings, or another --checkpoint");
  };
  for (const auto& [name, value] : ours.items()) {
    const std::string theirs = stored.value(name, "unset");
    if (theirs != value) refuse(name, theirs, value);
  }
  for (const auto& [name, value] : stored.items()) {
    if (!ours.contains(name)) refuse(name, value, "unset");
  }
}

void copy_vectors(const std::vector<AlignedVector>& from, const std::vector<std::span<float>>& to,
                  const std::string& place) {
  const bool same = std::equal(from.begin(), from.end(), to.begin(), to.end(),
                               [](const auto& a, const auto& b) { return a.size() == b.size(); });
  if (!same) {
    throw InputError("the checkpoint's vectors do not fit the model", place,
                     "give the same settings, or another --checkpoint");
  }
  for (std::size_t i = 0; i < from.size(); ++i)
    std::copy(from[i].begin(), from[i].end(), to[i].begin());
}

}  // namespace

std::string TrainingRun::checkpoint() {
  const Trainer::State state = trainer_.state();
  Json header = {{"settings", settings_json(settings_)},
                 {"state", to_string(state_)},
                 {"steps", steps_},
                 {"examples", examples_},
                 {"batch_size", batch_size_},
                 {"lr", lr_},
                 {"optimizer_steps", state.optimizer_steps},
                 {"clipping_updates", state.clipping.updates},
                 {"clipping_clipped", state.clipping.clipped},
                 {"loss_sum", loss_sum_},
                 {"loss_examples", loss_examples_},
                 {"best_loss", optional_json(best_loss_)},
                 {"bad_evaluations", bad_evaluations_},
                 {"course", course_.state()},
                 {"curve", Json::array()}};
  if (noise_probe_) {
    const NoiseProbe::State& noise = noise_probe_->state();
    header["noise"] = {noise.gradient, noise.covariance, noise.measurements};
  }
  for (const RunPoint& point : curve_) header["curve"].push_back(to_json(point));
  return encode_checkpoint(header, state.vectors);
}

bool is_of_finished_run(std::string_view bytes, const std::string& place) {
  const Json header = decode_checkpoint(bytes, place).header;
  return header.value("state", "") != to_string(RunState::running);
}

void TrainingRun::restore(std::string_view bytes, const std::string& place) {
  const Checkpoint stored = decode_checkpoint(bytes, place);
  const Json& header = stored.header;
  try {
    require_same_settings(header.at("settings"), settings_, place);
    copy_vectors(stored.vectors, trainer_.state().vectors, place);
    steps_ = header.at("steps");
    examples_ = header.at("examples");
    batch_size_ = header.at("batch_size");
    lr_ = header.at("lr");
    loss_sum_ = header.at("loss_sum");
    loss_examples_ = header.at("loss_examples");
    bad_evaluations_ = header.at("bad_evaluations");
    best_loss_ = optional_number(header.at("best_loss"));
    course_.restore(header.at("course"));
    if (noise_probe_) {
      const Json& noise = header.at("noise");
      noise_probe_->restore({noise.at(0), noise.at(1), noise.at(2)});
    }
    curve_.clear();
    for (const Json& point : header.at("curve")) curve_.push_back(point_from_json(point));
    trainer_.resume(header.at("optimizer_steps"),
                    {header.at("clipping_updates"), header.at("clipping_clipped")}, examples_);
    for (const RunState state : {RunState::finished, RunState::stopped_early, RunState::diverged}) {
      if (header.at("state") == to_string(state)) state_ = state;
    }
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("the checkpoint's header is malformed ({})", error.what()), place,
                     "start afresh");
  }
}

}  // namespace etalon
