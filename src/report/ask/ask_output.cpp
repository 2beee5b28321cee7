#include "report/ask/ask_output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "core/told_number.hpp"
#include "report/forecast_json.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

Json asked_json(const AskedTrial& trial) {
  return {{"trial", trial.id},
          {"batch_size", trial.spec.batch_size},
          {"lr", trial.spec.lr},
          {"seed", trial.spec.seed},
          {"state", to_string(trial.state)},
          {"loss", trial.loss ? Json(*trial.loss) : Json()},
          {"asked_at", trial.asked_at},
          {"observed_at", trial.observed_at ? Json(*trial.observed_at) : Json()}};
}

std::string asked_age(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (seconds < 2 * kMinute) return fmt::format("{} s", std::max<std::int64_t>(seconds, 0));
  if (seconds < 2 * kHour) return fmt::format("{} min", seconds / kMinute);
  if (seconds < 2 * kDay) return fmt::format("{} h", seconds / kHour);
  return fmt::format("{} days", seconds / kDay);
}

std::string asked_result(const AskedTrial& trial, std::int64_t now) {
  if (trial.loss) return rounded_number(*trial.loss, 6);
  if (trial.state != TrialState::pending) return std::string(to_string(trial.state));
  return fmt::format("pending for {}", asked_age(now - trial.asked_at));
}

// What is not suggested again, though it has no result.
std::string given_up_note(const AskStatus& status) {
  std::vector<std::string> names;
  for (const AskedTrial& trial : status.given_up) {
    names.push_back(fmt::format("{} (tried {} time{})", trial.id, trial.attempts,
                                trial.attempts == 1 ? "" : "s"));
  }
  return fmt::format("given up, for it failed or was not observed: trial {}",
                     fmt::join(names, ", "));
}

std::vector<std::string> notes_of(const AskStatus& status) {
  std::vector<std::string> notes;
  for (const Contradiction& found : status.contradictions) notes.push_back(found.text());
  for (const BareDivergence& found : find_bare_divergences(status.known)) {
    notes.push_back(found.text());
  }
  if (!status.given_up.empty()) notes.push_back(given_up_note(status));
  return notes;
}

void append_trials(std::string& text, const AskStatus& status) {
  auto out = std::back_inserter(text);
  fmt::format_to(out, "  {:>5} {:>10} {:>10} {:>5}  {}\n", "trial", "batch size", "lr", "seed",
                 "loss");
  for (const AskedTrial& trial : status.trials) {
    fmt::format_to(out, "  {:>5} {:>10} {:>10.3g} {:>5}  {}\n", trial.id, trial.spec.batch_size,
                   trial.spec.lr, trial.spec.seed, asked_result(trial, status.now));
  }
}

// Less than a ten-thousandth of the loss is below what the surface can know.
std::string ask_regret_text(const Forecast& forecast) {
  const double least = 1e-4 * std::abs(forecast.expected_loss);
  if (forecast.expected_regret < least) return fmt::format("< {}", rounded_number(least, 1));
  return told_number(forecast.expected_regret, 2,
                     greatest_told(forecast.expected_loss - forecast.expected_regret));
}

std::size_t known_at(const AskStatus& status, double batch_size) {
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
  fmt::format_to(out, "  {:>10} {:>6} {:>9} {:>20} {:>16}\n", "batch size", "trials", "use lr",
                 "80% interval", "expected regret");
  for (const Forecast& forecast : status.advice) {
    fmt::format_to(out, "  {:>10g} {:>6} {:>9.3g} {:>20} {:>16}\n", forecast.batch_size,
                   known_at(status, forecast.batch_size), forecast.lr,
                   fmt::format("{:.3g} to {:.3g}", forecast.lr_low, forecast.lr_high),
                   ask_regret_text(forecast));
  }
}

}  // namespace

std::string plain_trial(const AskedTrial& trial) {
  const auto& [batch_size, lr, seed, moved] = trial.spec;
  std::string line =
      fmt::format("trial={} batch_size={} lr={} seed={}", trial.id, batch_size, lr, seed);
  if (trial.observed_at) line += fmt::format(" state={}", to_string(trial.state));
  if (trial.loss) line += fmt::format(" loss={}", *trial.loss);
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

std::string status_table(const AskStatus& status, const TextStyle& style) {
  std::string text;
  if (!status.trials.empty()) {
    append_trials(text, status);
    text += '\n';
  }
  append_advice(text, status);
  for (const std::string& note : notes_of(status)) {
    text += '\n' + paragraph("Note: " + note + ".", style);
  }
  if (!status.advice.empty()) {
    text += '\n' + paragraph("A page with charts of this: etalon fit " + shell_quote(status.study) +
                                 " --html page.html",
                             style);
  }
  return text;
}

std::string status_json(const AskStatus& status) {
  Json json = {{"trials", Json::array()}, {"advice", Json::array()}, {"notes", Json::array()}};
  for (const AskedTrial& trial : status.trials) json["trials"].push_back(asked_json(trial));
  for (const Forecast& forecast : status.advice) json["advice"].push_back(forecast_json(forecast));
  json["notes"] = notes_of(status);
  return json.dump(2) + '\n';
}

std::string status_plain(const AskStatus& status) {
  std::string text;
  for (const AskedTrial& trial : status.trials) {
    text += plain_trial(trial) + (trial.observed_at ? "" : " state=pending") + '\n';
  }
  return text;
}

}  // namespace etalon
