#include "watch/terminal_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <sstream>
#include <vector>

#include "core/text.hpp"
#include "report/display.hpp"

namespace etalon {
namespace {

constexpr std::size_t kSparkColumns = 24;
constexpr std::array<const char*, 8> kSparks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::optional<double> loss_of(const CurvePoint& point) {
  return point.validation_loss ? point.validation_loss : point.train_loss;
}

// Its last points, low to high.
std::string spark_line(const LiveTrial& trial) {
  std::vector<double> losses;
  for (const LivePoint& each : trial.points) {
    if (const auto loss = loss_of(each.point)) losses.push_back(*loss);
  }
  if (losses.empty()) return "";
  if (losses.size() > kSparkColumns) losses.erase(losses.begin(), losses.end() - kSparkColumns);
  const auto [low, high] = std::minmax_element(losses.begin(), losses.end());
  const double span = *high > *low ? *high - *low : 1.0;
  std::string line;
  for (const double loss : losses) {
    line += kSparks[static_cast<std::size_t>(std::lround(7.0 * (loss - *low) / span))];
  }
  return line;
}

std::string spec_text_of(const TrialSpec& spec) {
  return fmt::format("B={}, η={}, seed {}", spec.batch_size, display_lr(spec.lr), spec.seed);
}

std::string running_line(const LiveTrial& trial, const WorkloadInfo& workload, double now) {
  std::string line =
      fmt::format("  trial {} ({}), {}", trial.record.id, spec_text_of(trial.record.spec),
                  display_duration(std::max(0.0, now - trial.started)));
  if (trial.points.empty()) return line;
  const CurvePoint& last = trial.points.back().point;
  line += fmt::format(", step {}", last.step);
  if (const auto loss = loss_of(last)) {
    const double shown = last.validation_loss ? workload.shown(*loss) : *loss;
    line += fmt::format(": {}  {}", display_loss(shown), spark_line(trial));
  }
  return line;
}

std::vector<const LiveTrial*> running_of(const WatchedStudy& study,
                                         std::span<const LiveTrial* const> live) {
  std::set<std::int64_t> ended;
  for (const TrialRecord& trial : study.result.trials) {
    if (trial.result.state != TrialState::failed) ended.insert(trial.id);
  }
  std::vector<const LiveTrial*> running;
  for (const LiveTrial* trial : live) {
    if (!ended.contains(trial->record.id)) running.push_back(trial);
  }
  return running;
}

std::string left_line(const Outlook& outlook, bool is_complete) {
  if (is_complete) return fmt::format("Complete: {} trials.", outlook.ended);
  std::string line = fmt::format("{} of about {} trials", outlook.ended, outlook.expected);
  if (outlook.seconds_left)
    line += fmt::format(", about {} left", display_duration(*outlook.seconds_left));
  if (outlook.cost_left) line += fmt::format(", which cost about {:.2f}", *outlook.cost_left);
  return line + ".";
}

std::string open_line(const OpenVerdict& open) {
  const std::string what = fmt::format("  whether {} holds at B={}: ", open.rule, open.batch_size);
  return what + (open.trials ? fmt::format("about {} more trials", *open.trials)
                             : "so near the tolerance that hundreds of seeds would not tell");
}

// The last lines of what it printed follow its message.
std::string failed_lines(const TrialRecord& trial) {
  std::string text = fmt::format("  trial {} ({}): ", trial.id, spec_text_of(trial.spec));
  for (const char c : trial.result.message)
    text += c == '\n' ? std::string("\n    ") : std::string(1, c);
  return text;
}

void add_list(std::string& text, const std::string& title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  text += "\n" + title + "\n";
  for (const std::string& each : lines) {
    std::istringstream parts(each);
    for (std::string line; std::getline(parts, line);) text += printable(line) + "\n";
  }
}

}  // namespace

std::string terminal_view(const WatchedStudy& study, std::span<const LiveTrial* const> live,
                          const LiveState& state, const TerminalOptions& style) {
  std::ostringstream answer;
  if (!study.result.optima.empty())
    TerminalReporter(style).report(study.result, study.provenance, answer);
  std::string text = answer.str().empty() ? "No answer yet.\n" : answer.str();
  const auto running = running_of(study, live);
  const bool is_complete = !study.result.interrupted && study.pending.empty() && running.empty();
  text += "\n" + left_line(study.outlook, is_complete) + "\n";
  std::vector<std::string> open, now, failed;
  for (const OpenVerdict& each : study.open) open.push_back(open_line(each));
  for (const LiveTrial* each : running)
    now.push_back(running_line(*each, study.result.workload, state.now));
  for (const TrialRecord& trial : study.result.trials) {
    if (trial.result.state == TrialState::failed) failed.push_back(failed_lines(trial));
  }
  add_list(text, "Still open, and what would settle it", open);
  add_list(text,
           state.is_worked_on.value_or(true) ? "Under way" : "Under way when the study stopped",
           now);
  add_list(text, "Failed", failed);
  return text;
}

}  // namespace etalon
