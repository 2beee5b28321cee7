#include "report/train/train_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/clock.hpp"

namespace etalon {
namespace {

constexpr double kRedrawSeconds = 0.1;

using Json = nlohmann::ordered_json;

Json point_json(const RunPoint& point) {
  Json json = {{"step", point.step},
               {"examples", point.examples},
               {"batch_size", point.batch_size},
               {"lr", point.lr},
               {"train_loss", point.train_loss.value()},
               {"validation_loss", point.validation_loss.value()},
               {"clipped_fraction", point.clipped_fraction}};
  if (point.validation_accuracy) json["validation_accuracy"] = *point.validation_accuracy;
  if (point.noise_scale) json["noise_scale"] = *point.noise_scale;
  return json;
}

// Targets are neither right nor wrong.
std::string accuracy_text(const RunPoint& point) {
  const auto& accuracy = point.validation_accuracy;
  return accuracy ? fmt::format("{:.2f}%", 100.0 * *accuracy) : "-";
}

// "120/400", or "120" where the number of steps is not known beforehand.
std::string steps_text(std::int64_t steps, const TrainingRun& run) {
  return run.total_steps() ? fmt::format("{}/{}", steps, *run.total_steps())
                           : std::to_string(steps);
}

double share_done(const TrainingRun& run) {
  return static_cast<double>(run.examples()) / static_cast<double>(run.total_examples());
}

bool ramps(const TrainingRun& run) { return !run.total_steps(); }

// "finished after 860 of 860 steps".
std::string end_text(const TrainingRun& run) {
  const char* verb = run.state() == TrialState::finished   ? "finished"
                     : run.state() == TrialState::diverged ? "diverged"
                     : run.state() == TrialState::pruned   ? "stopped early"
                                                           : "under way";
  const std::string total =
      run.total_steps() ? fmt::format(" of {}", *run.total_steps()) : std::string();
  return fmt::format("{} after {}{} steps", verb, run.steps(), total);
}

// Losses of one curve have the same decimals, but for those that ran away.
std::string loss_text(double loss) {
  return loss < 1e5 ? fmt::format("{:.4f}", loss) : fmt::format("{:.4g}", loss);
}

// Why, where that is not plain.
std::string reason_text(const TrainingRun& run) {
  if (run.stop_reason() == StopReason::patience) return ": the loss got no better";
  if (run.stop_reason() == StopReason::loss_not_finite) return ": the loss was not finite";
  if (run.stop_reason() != StopReason::worse_than_untrained) return "";
  return fmt::format(": the loss is above the untrained network's {:.4g}",
                     run.start().validation_loss.value());
}

}  // namespace

TrainProgress::TrainProgress(std::FILE* stream, bool quiet)
    : stream_(stream),
      quiet_(quiet),
      terminal_(isatty(fileno(stream)) == 1),
      started_(steady_seconds()) {}

void TrainProgress::on_step(const TrainingRun& run) {
  if (quiet_ || !terminal_) return;
  if (!first_share_) first_share_ = share_done(run);
  const double now = steady_seconds();
  if (now - drawn_ < kRedrawSeconds) return;
  drawn_ = now;
  draw(run, now - started_);
}

void TrainProgress::on_point(const TrainingRun& run) {
  if (quiet_) return;
  const RunPoint& point = run.curve().back();
  finish();
  fmt::print(stream_, "step {}: train loss {}, validation loss {}{}, lr {:.3g}{}\n",
             steps_text(point.step, run), loss_text(point.train_loss.value()),
             loss_text(point.validation_loss.value()),
             point.validation_accuracy ? ", accuracy " + accuracy_text(point) : "", point.lr,
             ramps(run) ? fmt::format(", batch size {}", point.batch_size) : "");
  std::fflush(stream_);
}

void TrainProgress::finish() {
  if (!quiet_ && terminal_) fmt::print(stream_, "\r\x1b[K");
}

void TrainProgress::draw(const TrainingRun& run, double seconds) {
  fmt::print(stream_, "\r\x1b[Kstep {} ({:.0f}%), lr {:.3g}{}, {}", steps_text(run.steps(), run),
             100.0 * share_done(run), run.lr(),
             ramps(run) ? fmt::format(", batch size {}", run.batch_size()) : "", eta(run, seconds));
  std::fflush(stream_);
}

std::string TrainProgress::eta(const TrainingRun& run, double seconds) const {
  const double share = share_done(run);
  const double done = share - first_share_.value_or(0.0);
  if (done <= 0.0) return "...";
  const double left = seconds / done * (1.0 - share);
  if (left < 90.0) return fmt::format("{:.0f} s left", left);
  return fmt::format("{:.0f} min left", left / 60.0);
}

std::string train_table(const TrainingRun& run, double wall_seconds) {
  std::string text = fmt::format("{}, {} examples, {:.1f} s{}\n", end_text(run), run.examples(),
                                 wall_seconds, reason_text(run));
  const auto out = std::back_inserter(text);
  if (run.curve().empty()) return text;
  fmt::format_to(out, "\n{:>8} {:>6} {:>9} {:>10} {:>15} {:>8} {:>7}{}\n", "step", "batch", "lr",
                 "train loss", "validation loss", "accuracy", "clipped",
                 run.measures_noise_scale() ? fmt::format(" {:>9}", "noise") : "");
  for (const RunPoint& point : run.curve()) {
    fmt::format_to(out, "{:>8} {:>6} {:>9.4g} {:>10} {:>15} {:>8} {:>6.0f}%{}\n", point.step,
                   point.batch_size, point.lr, loss_text(point.train_loss.value()),
                   loss_text(point.validation_loss.value()), accuracy_text(point),
                   100.0 * point.clipped_fraction,
                   point.noise_scale ? fmt::format(" {:>9.4g}", *point.noise_scale) : "");
  }
  return text;
}

std::string train_json(const TrainingRun& run, double wall_seconds) {
  Json document = {{"state", to_string(run.state())},
                   {"stopped_by", run.stop_reason() ? Json(to_string(*run.stop_reason())) : Json()},
                   {"steps", run.steps()},
                   {"total_steps", run.total_steps() ? Json(*run.total_steps()) : Json(nullptr)},
                   {"examples", run.examples()},
                   {"total_examples", run.total_examples()},
                   {"wall_seconds", wall_seconds}};
  document["untrained_validation_loss"] = run.start().validation_loss.value();
  document["best_validation_loss"] = run.best_loss() ? Json(*run.best_loss()) : Json(nullptr);
  document["final"] = run.curve().empty() ? Json(nullptr) : point_json(run.curve().back());
  document["settings"] = Json::object();
  for (const auto& [name, value] : run.settings()) document["settings"][name] = value;
  document["curve"] = Json::array();
  for (const RunPoint& point : run.curve()) document["curve"].push_back(point_json(point));
  return document.dump(2) + "\n";
}

std::string train_csv(const TrainingRun& run) {
  std::string text =
      "step,examples,batch_size,lr,train_loss,validation_loss,validation_accuracy,"
      "clipped_fraction,noise_scale\n";
  for (const RunPoint& point : run.curve()) {
    fmt::format_to(
        std::back_inserter(text), "{},{},{},{},{},{},{},{},{}\n", point.step, point.examples,
        point.batch_size, point.lr, point.train_loss.value(), point.validation_loss.value(),
        point.validation_accuracy ? fmt::format("{}", *point.validation_accuracy) : "",
        point.clipped_fraction, point.noise_scale ? fmt::format("{}", *point.noise_scale) : "");
  }
  return text;
}

}  // namespace etalon
