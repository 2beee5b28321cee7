#include "cli/ask_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "report/forecast_json.hpp"

namespace etalon::cli {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const AskedTrial& run) {
  return {{"trial", run.id},
          {"batch_size", run.spec.batch_size},
          {"lr", run.spec.lr},
          {"seed", run.spec.seed},
          {"state", to_string(run.state)},
          {"loss", run.loss ? Json(*run.loss) : Json()},
          {"asked_at", run.asked_at},
          {"observed_at", run.observed_at ? Json(*run.observed_at) : Json()}};
}

std::string age(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (seconds < 2 * kMinute) return fmt::format("{} s", std::max<std::int64_t>(seconds, 0));
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  if (seconds < 2 * kDay) return fmt::format("{} h", seconds / kHour);
  return fmt::format("{} days", seconds / kDay);
}

std::string result_of(const AskedTrial& run, std::int64_t now) {
  if (run.loss) return fmt::format("{:.6g}", *run.loss);
  if (run.state != TrialState::pending) return std::string(to_string(run.state));
  return fmt::format("pending for {}", age(now - run.asked_at));
}

void append_runs(std::string& text, const AskStatus& status) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "  {:>5} {:>10} {:>10} {:>5}  {}\n", "trial", "batch size", "lr", "seed",
                 "loss");
  for (const AskedTrial& run : status.runs) {
    fmt::format_to(out, "  {:>5} {:>10} {:>10.3g} {:>5}  {}\n", run.id, run.spec.batch_size,
                   run.spec.lr, run.spec.seed, result_of(run, status.now));
  }
}

// Less than a ten-thousandth of the loss is below what the surface can know.
std::string regret_text(const Forecast& forecast) {
  const double least = 1e-4 * std::abs(forecast.expected_loss);
  if (forecast.expected_regret < least) return fmt::format("< {:.1g}", least);
  return fmt::format("{:.2g}", forecast.expected_regret);
}

std::size_t runs_at(const AskStatus& status, double batch_size) {
  return static_cast<std::size_t>(
      std::count_if(status.known.begin(), status.known.end(),
                    [&](const Observation& run) { return run.batch_size == batch_size; }));
}

void append_advice(std::string& text, const AskStatus& status) {
  auto out = std::back_inserter(text);
  if (status.advice.empty()) {
    fmt::format_to(out,
                   "No advice yet: it takes three learning rates of one batch size with a loss.\n");
    return;
  }
  fmt::format_to(out, "  {:>10} {:>5} {:>10} {:>20} {:>16}\n", "batch size", "runs", "use lr",
                 "80% interval", "expected regret");
  for (const Forecast& forecast : status.advice) {
    fmt::format_to(out, "  {:>10g} {:>5} {:>10.3g} {:>20} {:>16}\n", forecast.batch_size,
                   runs_at(status, forecast.batch_size), forecast.lr,
                   fmt::format("{:.3g} to {:.3g}", forecast.lr_low, forecast.lr_high),
                   regret_text(forecast));
  }
}

}  // namespace

std::string plain_run(const AskedTrial& run) {
  const auto& [batch_size, lr, seed, moved] = run.spec;
  std::string line =
      fmt::format("trial={} batch_size={} lr={} seed={}", run.id, batch_size, lr, seed);
  if (run.observed_at) line += fmt::format(" state={}", to_string(run.state));
  if (run.loss) line += fmt::format(" loss={}", *run.loss);
  return line;
}

std::string suggestion_table(const AskTell::Answer& answer) {
  const auto& [batch_size, lr, seed, moved] = answer.trial.spec;
  return fmt::format("trial {}: batch size {}, lr {}, seed {} ({})\n", answer.trial.id, batch_size,
                     lr, seed, answer.reason);
}

std::string suggestion_json(const AskTell::Answer& answer) {
  const auto& [batch_size, lr, seed, moved] = answer.trial.spec;
  const Json json = {{"trial", answer.trial.id},
                     {"batch_size", batch_size},
                     {"lr", lr},
                     {"seed", seed},
                     {"reason", answer.reason}};
  return json.dump(2) + '\n';
}

std::string status_table(const AskStatus& status) {
  std::string text;
  if (!status.runs.empty()) {
    append_runs(text, status);
    text += '\n';
  }
  append_advice(text, status);
  return text;
}

std::string status_json(const AskStatus& status) {
  Json json = {{"runs", Json::array()}, {"advice", Json::array()}};
  for (const AskedTrial& run : status.runs) json["runs"].push_back(to_json(run));
  for (const Forecast& forecast : status.advice) json["advice"].push_back(forecast_json(forecast));
  return json.dump(2) + '\n';
}

std::string status_plain(const AskStatus& status) {
  std::string text;
  for (const AskedTrial& run : status.runs) {
    text += plain_run(run) + (run.observed_at ? "" : " state=pending") + '\n';
  }
  return text;
}

}  // namespace etalon::cli
