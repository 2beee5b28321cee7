// A training as a checkpoint, and back.
//
// What follows from other fields is not stored but worked out again, and what is stored is held
// against the settings and the other fields before anything is computed with it: a checkpoint that
// was made elsewhere, or altered, is refused and never believed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "train/checkpoint.hpp"
#include "train/require.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;

// Reads the fields of one file; whatever is out of place is an InputError that names it.
class StateReader {
 public:
  explicit StateReader(const std::string& place) : place_(place) {}

  [[noreturn]] void refuse(const std::string& what) const {
    throw InputError(fmt::format("the checkpoint cannot be right: {}", what), place_,
                     "start afresh, or take another copy");
  }

  const Json& at(const Json& object, const std::string& name) const {
    if (!object.is_object() || !object.contains(name)) refuse(name + " is missing");
    return object.at(name);
  }

  std::int64_t integer(const Json& value, const std::string& name, std::int64_t least,
                       std::int64_t most) const {
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)
                          : value.is_number_integer();
    if (!fits || value.get<std::int64_t>() < least || value.get<std::int64_t>() > most) {
      refuse(fmt::format("{} is no whole number in [{}, {}]", name, least, most));
    }
    return value.get<std::int64_t>();
  }

  double number(const Json& value, const std::string& name,
                const std::pair<double, double>& range) const {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= range.first && number <= range.second)) {
      refuse(fmt::format("{} is no number in [{}, {}]", name, range.first, range.second));
    }
    return number;
  }

  void require(bool holds, const char* what) const {
    if (!holds) refuse(what);
  }

 private:
  const std::string& place_;
};

constexpr double kLargest = 1e300;  // of a noise scale or a sum of losses: sums of them stay finite

using Numbers = std::pair<double, double>;           // the least and the most that are taken
constexpr Numbers kLosses = {-1e-3, kGreatestLoss};  // rounding may take one below 0
constexpr Numbers kSums = {-kLargest, kLargest};     // of losses; and estimates of squares
constexpr Numbers kRates = {0.0, kGreatestLr};       // a schedule may end at 0
constexpr Numbers kShares = {0.0, 1.0};
constexpr Numbers kPositive = {0.0, kLargest};

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const RunPoint& point) {
  return {point.step,
          point.examples,
          point.batch_size,
          point.lr,
          optional_json(point.train_loss),
          optional_json(point.validation_loss),
          optional_json(point.validation_accuracy),
          point.clipped_fraction,
          optional_json(point.noise_scale)};
}

std::optional<double> optional_number(const StateReader& read, const Json& value, const char* name,
                                      const Numbers& range) {
  if (value.is_null()) return std::nullopt;
  return read.number(value, name, range);
}

RunPoint point_from_json(const StateReader& read, const Json& json, std::int64_t most) {
  if (!json.is_array() || json.size() != 9) read.refuse("a point of the curve is malformed");
  RunPoint point;
  point.step = read.integer(json[0], "a point's step", 1, most);
  point.examples = read.integer(json[1], "a point's examples", 1, most);
  point.batch_size = read.integer(json[2], "a point's batch size", 1, most);
  point.lr = read.number(json[3], "a point's lr", kRates);
  point.train_loss = optional_number(read, json[4], "a training loss", kLosses);
  point.validation_loss = optional_number(read, json[5], "a validation loss", kLosses);
  point.validation_accuracy = optional_number(read, json[6], "an accuracy", kShares);
  point.clipped_fraction = read.number(json[7], "a clipped fraction", kShares);
  point.noise_scale = optional_number(read, json[8], "a noise scale", kPositive);
  return point;
}

Json settings_json(const Settings& settings) {
  Json json = Json::object();
  for (const auto& [name, value] : settings) json[name] = value;
  return json;
}

void require_same_settings(const StateReader& read, const Json& stored, const Settings& wanted,
                           const std::string& place) {
  if (!stored.is_object()) read.refuse("settings is no object");
  const Json ours = settings_json(wanted);
  const auto refuse = [&](const std::string& name, const std::string& theirs,
                          const std::string& here) {
    throw InputError(
        fmt::format("the checkpoint is of another training: {} is {} there and {} here", name,
                    theirs, here),
        place, with_fields("give the same settings, or another `path`"));
  };
  const auto text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  for (const auto& [name, value] : ours.items()) {
    const std::string theirs = stored.contains(name) ? text(stored.at(name)) : "unset";
    if (theirs != text(value)) refuse(name, theirs, text(value));
  }
  for (const auto& [name, value] : stored.items()) {
    if (!ours.contains(name)) refuse(name, text(value), "unset");
  }
}

void copy_vectors(const std::vector<AlignedVector>& from, const std::vector<std::span<float>>& to,
                  const std::string& place) {
  const bool same = std::equal(from.begin(), from.end(), to.begin(), to.end(),
                               [](const auto& a, const auto& b) { return a.size() == b.size(); });
  if (!same) {
    throw InputError("the checkpoint's vectors do not fit the model", place,
                     with_fields("give the same settings, or another `path`"));
  }
  for (std::size_t i = 0; i < from.size(); ++i)
    std::copy(from[i].begin(), from[i].end(), to[i].begin());
}

Json reason_json(const std::optional<StopReason>& reason) {
  return reason ? Json(to_string(*reason)) : Json(nullptr);
}

std::optional<StopReason> reason_from_json(const StateReader& read, const Json& json) {
  if (json.is_null()) return std::nullopt;
  for (const StopReason reason : {StopReason::budget, StopReason::patience,
                                  StopReason::loss_not_finite, StopReason::worse_than_untrained}) {
    if (json == to_string(reason)) return reason;
  }
  read.refuse("stopped_by is no reason");
}

// What a file says of the steps so far.
struct StoredCounts {
  std::int64_t steps = 0, examples = 0, batch_size = 0;
  double lr = 0.0;
  std::int64_t clipped = 0;
  double loss_sum = 0.0;
  std::int64_t points = 0;
};

StoredCounts counts_from_json(const StateReader& read, const Json& header, std::int64_t most) {
  const auto count = [&](const char* name) {
    return read.integer(read.at(header, name), name, 0, most);
  };
  StoredCounts counts;
  counts.steps = count("steps");
  counts.examples = count("examples");
  counts.batch_size = count("batch_size");
  counts.lr = read.number(read.at(header, "lr"), "lr", kRates);
  counts.clipped = count("clipping_clipped");
  counts.loss_sum = read.number(read.at(header, "loss_sum"), "loss_sum", kSums);
  counts.points = count("points");
  return counts;
}

// That so many steps can have taken so many examples.
bool fit_together(std::int64_t steps, std::int64_t examples, const RunCourse& course) {
  const std::int64_t least = examples / steps;
  const std::int64_t most = (examples - 1) / steps + 1;
  return least >= course.first_batch_size() && most <= course.largest_batch_size();
}

bool is_batch_size_of(const RunCourse& course, std::int64_t batch_size) {
  return batch_size >= course.first_batch_size() && batch_size <= course.largest_batch_size();
}

void check_counts(const StateReader& read, const StoredCounts& counts, const RunCourse& course) {
  read.require((counts.steps == 0) == (counts.examples == 0), "steps do not fit the examples");
  read.require(counts.clipped <= counts.steps, "more updates were clipped than made");
  if (counts.steps == 0) return;
  read.require(fit_together(counts.steps, counts.examples, course),
               "steps do not fit the examples");
  read.require(is_batch_size_of(course, counts.batch_size), "batch_size is none of this training");
}

// Every point has what it must have, and comes after the one before. Only where there are labels is
// there an accuracy.
void check_curve(const StateReader& read, const std::vector<RunPoint>& curve, bool has_labels,
                 const StoredCounts& counts, const RunCourse& course) {
  const RunPoint* before = nullptr;
  for (const RunPoint& point : curve) {
    read.require(point.train_loss && point.validation_loss &&
                     point.validation_accuracy.has_value() == has_labels,
                 "a point of the curve has no loss");
    read.require(point.step <= counts.steps && point.examples <= counts.examples,
                 "the curve goes on after the training");
    read.require(
        before == nullptr || (before->step < point.step && before->examples < point.examples),
        "the points of the curve are not in order");
    read.require(fit_together(point.step, point.examples, course) &&
                     is_batch_size_of(course, point.batch_size),
                 "a point's steps do not fit its examples");
    before = &point;
  }
}

std::vector<RunPoint> curve_from_json(const StateReader& read, const Json& json, bool has_labels,
                                      const StoredCounts& counts, const RunCourse& course) {
  if (!json.is_array()) read.refuse("curve is no list");
  std::vector<RunPoint> curve;
  for (const Json& point : json) curve.push_back(point_from_json(read, point, counts.examples));
  check_curve(read, curve, has_labels, counts, course);
  read.require(static_cast<std::int64_t>(curve.size()) <= counts.points, "the curve is too long");
  return curve;
}

NoiseProbe::State noise_from_json(const StateReader& read, const Json& json, std::size_t most) {
  if (!json.is_array() || json.size() != 3) read.refuse("noise is malformed");
  return {read.number(json[0], "noise", kSums), read.number(json[1], "noise", kSums),
          read.integer(json[2], "noise", 0, static_cast<std::int64_t>(most))};
}

}  // namespace

std::string TrainingRun::checkpoint() {
  const Trainer::State state = trainer_.state();
  Json header = {{"settings", settings_json(settings_)},
                 {"stopped_by", reason_json(stop_reason_)},
                 {"steps", steps_},
                 {"examples", examples_},
                 {"batch_size", batch_size_},
                 {"lr", lr_},
                 {"clipping_clipped", state.clipping.clipped},
                 {"loss_sum", loss_sum_},
                 {"points", points_},
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
  const StateReader read(place);
  return reason_from_json(read, read.at(header, "stopped_by")).has_value();
}

void TrainingRun::restore(std::string_view bytes, const std::string& place) {
  const Checkpoint stored = decode_checkpoint(bytes, place);
  const StateReader read(place);
  const Json& header = stored.header;
  require_same_settings(read, read.at(header, "settings"), settings_, place);
  copy_vectors(stored.vectors, trainer_.state().vectors, place);
  const StoredCounts counts = counts_from_json(read, header, total_examples());
  check_counts(read, counts, course_);
  read.require(counts.points <= options_.evaluations * options_.points_per_evaluation,
               "there are more points than asked for");
  const bool has_labels = !data_.splits->train.shape().is_regression();
  curve_ = curve_from_json(read, read.at(header, "curve"), has_labels, counts, course_);
  if (noise_probe_) {
    noise_probe_->restore(noise_from_json(read, read.at(header, "noise"), curve_.size()));
  }
  steps_ = counts.steps;
  examples_ = counts.examples;
  batch_size_ = counts.batch_size;
  lr_ = counts.lr;
  loss_sum_ = counts.loss_sum;
  points_ = counts.points;
  for (RunPoint& point : curve_) {
    point.epoch = static_cast<double>(point.examples) / static_cast<double>(data_.size());
    learn_from(point);
  }
  const std::int64_t clipping_updates = options_.training.clipping.any() ? steps_ : 0;
  read.require(counts.clipped <= clipping_updates, "updates were clipped without a bound");
  trainer_.resume(steps_, {clipping_updates, counts.clipped}, examples_);
  restore_state(reason_from_json(read, read.at(header, "stopped_by")), place);
}

// The training is over where its last point says so, or where a loss was not finite.
void TrainingRun::restore_state(const std::optional<StopReason>& stored, const std::string& place) {
  const StateReader read(place);
  if (stored == StopReason::loss_not_finite) {
    read.require(steps_ > 0, "it diverged before its first step");
    return stop(TrialState::diverged, *stored);
  }
  if (!curve_.empty() && curve_.back().step == steps_) conclude();
  read.require(stop_reason_ == stored, "stopped_by contradicts the curve");
  read.require(stop_reason_ || course_.next(steps_, examples_), "it goes on after its end");
}

}  // namespace etalon
