#include "cli/train_output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "report/progress.hpp"

namespace etalon::cli {
namespace {

constexpr double kRedrawSeconds = 0.1;

using Json = nlohmann::ordered_json;

Json point_json(const RunPoint& point) {
  return {{"step", point.step},
          {"examples", point.examples},
          {"lr", point.lr},
          {"train_loss", point.train_loss},
          {"validation_loss", point.validation_loss},
          {"validation_accuracy", point.validation_accuracy},
          {"clipped_fraction", point.clipped_fraction}};
}

}  // namespace

TrainProgress::TrainProgress(std::FILE* stream, bool quiet)
    : stream_(stream),
      quiet_(quiet),
      terminal_(isatty(fileno(stream)) == 1),
      started_(steady_seconds()) {}

void TrainProgress::on_step(const TrainingRun& run) {
  if (quiet_ || !terminal_) return;
  if (first_step_ < 0) first_step_ = run.steps() - 1;
  const double now = steady_seconds();
  if (now - drawn_ < kRedrawSeconds) return;
  drawn_ = now;
  draw(run, now - started_);
}

void TrainProgress::on_point(const TrainingRun& run) {
  if (quiet_) return;
  if (first_step_ < 0) first_step_ = 0;
  const RunPoint& point = run.curve().back();
  finish();
  fmt::print(stream_,
             "step {}/{}: train loss {:.4f}, validation loss {:.4f}, accuracy {:.2f}%, lr {:.3g}\n",
             point.step, run.total_steps(), point.train_loss, point.validation_loss,
             100.0 * point.validation_accuracy, point.lr);
  std::fflush(stream_);
}

void TrainProgress::finish() {
  if (!quiet_ && terminal_) fmt::print(stream_, "\r\x1b[K");
}

void TrainProgress::draw(const TrainingRun& run, double seconds) {
  const double share = static_cast<double>(run.steps()) / static_cast<double>(run.total_steps());
  fmt::print(stream_, "\r\x1b[Kstep {}/{} ({:.0f}%), lr {:.3g}, {}", run.steps(), run.total_steps(),
             100.0 * share, run.lr(), eta(run, seconds));
  std::fflush(stream_);
}

std::string TrainProgress::eta(const TrainingRun& run, double seconds) const {
  const auto done = static_cast<double>(std::max<std::int64_t>(1, run.steps() - first_step_));
  const double left = seconds / done * static_cast<double>(run.total_steps() - run.steps());
  if (left < 90.0) return fmt::format("{:.0f} s left", left);
  return fmt::format("{:.0f} min left", left / 60.0);
}

std::string train_table(const TrainingRun& run, double wall_seconds) {
  std::string text =
      fmt::format("{} after {} of {} steps, {} examples, {:.1f} s\n", to_string(run.state()),
                  run.steps(), run.total_steps(), run.examples(), wall_seconds);
  const auto out = std::back_inserter(text);
  if (run.curve().empty()) return text;
  fmt::format_to(out, "\n{:>10} {:>12} {:>12} {:>16} {:>10} {:>9}\n", "step", "lr", "train loss",
                 "validation loss", "accuracy", "clipped");
  for (const RunPoint& point : run.curve()) {
    fmt::format_to(out, "{:>10} {:>12.4g} {:>12.4f} {:>16.4f} {:>9.2f}% {:>8.0f}%\n", point.step,
                   point.lr, point.train_loss, point.validation_loss,
                   100.0 * point.validation_accuracy, 100.0 * point.clipped_fraction);
  }
  return text;
}

std::string train_json(const TrainingRun& run, double wall_seconds) {
  Json document = {{"state", to_string(run.state())},
                   {"steps", run.steps()},
                   {"total_steps", run.total_steps()},
                   {"examples", run.examples()},
                   {"wall_seconds", wall_seconds}};
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
      "step,examples,lr,train_loss,validation_loss,validation_accuracy,clipped_fraction\n";
  for (const RunPoint& point : run.curve()) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{}\n", point.step, point.examples,
                   point.lr, point.train_loss, point.validation_loss, point.validation_accuracy,
                   point.clipped_fraction);
  }
  return text;
}

}  // namespace etalon::cli
