#include "program/attempt_result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "metrics/output_lines.hpp"

namespace etalon {
namespace {

// What programs print that have no memory left, or launchers of a worker that was killed for it; in
// lower case.
constexpr std::array<std::string_view, 14> kMemoryWords = {"out of memory",
                                                           "cuda_error_out_of_memory",
                                                           "outofmemoryerror",
                                                           "memoryerror",
                                                           "std::bad_alloc",
                                                           "resource_exhausted",
                                                           "resource exhausted",
                                                           "cannot allocate memory",
                                                           "cublas_status_alloc_failed",
                                                           "(sigkill)",
                                                           "exitcode: -9",
                                                           "exitcode  : -9",
                                                           "signals.sigkill",
                                                           "return code = -9"};
// As a shell exits of whose command SIGKILL was the end.
constexpr int kShellsKilled = 128 + SIGKILL;

constexpr std::array<std::string_view, 4> kKindWords = {"", "out of memory", "timed out",
                                                        "no metric"};
constexpr std::size_t kQuotedLines = 12;

bool names_memory(std::string_view printed) {
  std::string text(printed);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(kMemoryWords.begin(), kMemoryWords.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

// As a shell says it of its command: "Killed", or "run.sh: line 3: 1234 Killed   python train.py".
bool says_killed(std::string_view line) {
  return line == "Killed" || (line.find(": line ") != std::string_view::npos &&
                              line.find(" Killed  ") != std::string_view::npos);
}

bool has_line_of_killing(std::string_view printed) {
  bool found = false;
  OutputLines reader([&](std::string_view line) { found = found || says_killed(line); });
  reader.take(printed);
  reader.finish();
  return found;
}

// The last lines, as a terminal may show them.
std::string last_lines(std::string_view printed) {
  std::vector<std::string> lines;
  OutputLines reader([&](std::string_view line) { lines.push_back(printable(line)); });
  reader.take(printed);
  reader.finish();
  const std::size_t first = lines.size() > kQuotedLines ? lines.size() - kQuotedLines : 0;
  std::string text;
  for (std::size_t i = first; i < lines.size(); ++i) text += '\n' + lines[i];
  return text;
}

std::string how_it_ended(const AttemptStatus& status) {
  if (!status.error.empty()) return status.error;
  if (status.signal)
    return fmt::format("killed by signal {} ({})", *status.signal, strsignal(*status.signal));
  return fmt::format("exit code {}", status.exit_code.value_or(-1));
}

std::string list_of(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + shortened(name);
    if (text.size() > 400) return text + ", ...";
  }
  return text.empty() ? "none" : text;
}

TrialResult failed(FailureKind kind, const std::string& text, const AttemptMetrics& metrics) {
  return failed_trial(kind, fmt::format("{}, see {}", text, metrics.printed_in()),
                      metrics.printed());
}

TrialResult failure_of(const AttemptStatus& status, const AttemptMetrics& metrics) {
  const bool memory = tells_of_memory(status, metrics.printed());
  return failed(memory ? FailureKind::out_of_memory : FailureKind::error, how_it_ended(status),
                metrics);
}

std::string missing_text(const AttemptMetrics& metrics) {
  const std::string place = metrics.place_text();
  return fmt::format("it gave no '{}'{}; the names that it gave: {}",
                     shortened(metrics.metric().name), place.empty() ? "" : " in " + place,
                     list_of(metrics.names()));
}

TrialResult judged(const std::optional<AttemptStatus>& status, const AttemptMetrics& metrics) {
  TrialResult result;
  if (metrics.diverged() && (!status || status->error.empty())) {
    result.state = TrialState::diverged;
    result.diverged_step = metrics.watch().steps();
    result.message = metrics.divergence_text();
  } else if (!status) {
    return failed(FailureKind::error, "its supervisor was killed, or its directory was taken away",
                  metrics);
  } else if (status->stopped == StopCause::timed_out) {
    return failed(FailureKind::timed_out,
                  fmt::format("after {} seconds", rounded_number(status->seconds, 4)), metrics);
  } else if (status->stopped != StopCause::none) {
    result.state = TrialState::interrupted;
  } else if (status->exit_code != 0) {
    return failure_of(*status, metrics);
  } else if (!metrics.watch().loss()) {
    return failed_trial(FailureKind::no_metric, missing_text(metrics), "");
  } else if (const std::string text = metrics.ambiguity(); !text.empty()) {
    return failed_trial(FailureKind::no_metric, text, "");
  } else if (const std::string damage = metrics.damage(); !damage.empty()) {
    return failed_trial(FailureKind::error, damage, "");
  } else {
    result.state = TrialState::finished;
    result.objective = metrics.watch().loss();
  }
  return result;
}

}  // namespace

bool tells_of_memory(const AttemptStatus& status, std::string_view printed) {
  // The kernel ends what takes too much memory with SIGKILL, and says nothing.
  const bool killed = status.signal == SIGKILL || status.exit_code == kShellsKilled;
  const bool by_the_kernel = killed && status.stopped == StopCause::none;
  return status.error.empty() &&
         (by_the_kernel || names_memory(printed) || has_line_of_killing(printed));
}

TrialResult failed_trial(FailureKind kind, const std::string& text, std::string_view printed) {
  TrialResult result;
  result.state = TrialState::failed;
  const std::string_view word = kKindWords[static_cast<std::size_t>(kind)];
  result.message = (word.empty() ? text : fmt::format("{}: {}", word, text)) + last_lines(printed);
  return result;
}

TrialResult attempt_result(const std::optional<AttemptStatus>& status, AttemptMetrics& metrics) {
  TrialResult result = judged(status, metrics);
  result.steps = metrics.watch().steps();
  result.wall_seconds = status ? status->seconds : 0.0;
  result.curve = metrics.take_curve();
  return result;
}

FailureKind failure_kind(const TrialResult& failed) {
  for (std::size_t kind = 1; kind < kKindWords.size(); ++kind) {
    if (failed.message.starts_with(fmt::format("{}:", kKindWords[kind]))) {
      return static_cast<FailureKind>(kind);
    }
  }
  return FailureKind::error;
}

}  // namespace etalon
