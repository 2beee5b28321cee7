#include "report/program/check_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "report/display.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostNamesShown = 20;

std::string name_text(const SeenMetric& metric) {
  return fmt::format("{} ({} time{}, last {})", shortened(metric.name), metric.values.size(),
                     metric.values.size() == 1 ? "" : "s", rounded_number(metric.last, 4));
}

std::string list_text(const std::vector<const SeenMetric*>& metrics) {
  std::string text;
  for (std::size_t i = 0; i < metrics.size() && i < kMostNamesShown; ++i) {
    text += (i == 0 ? "" : ", ") + name_text(*metrics[i]);
  }
  return metrics.size() > kMostNamesShown ? text + ", ..." : text;
}

// Without a metric nothing can be said of what moves it.
bool has_metric(const ProgramCheck& check) {
  return !check.metric.empty() && check.runs.front().find(check.metric) != nullptr;
}

// "It prints loss (3 times, last 2). It writes val_loss (1 time, last 2) to metrics.csv."
std::string names_text(const CheckedRun& run) {
  std::map<std::string, std::vector<const SeenMetric*>> by_file;
  for (const SeenMetric& metric : run.metrics) by_file[metric.file].push_back(&metric);
  if (by_file.empty()) {
    return "✗ It prints no number with a name, and writes none: let it print its result, as "
           "val_loss=0.42, or say by --metric-file or --pattern where that stands.";
  }
  std::string text;
  for (const auto& [file, metrics] : by_file) {
    text += text.empty() ? "" : " ";
    text += file.empty() ? fmt::format("It prints {}.", list_text(metrics))
                         : fmt::format("It writes {} to {}.", list_text(metrics), printable(file));
  }
  return text;
}

std::string last_lines_of(const CheckedRun& run, const TextStyle& style) {
  std::string lines;
  std::size_t begin = run.printed.size();
  for (int line = 0; line < 12 && begin > 0; ++line) {
    begin = begin >= 2 ? run.printed.rfind('\n', begin - 2) : std::string::npos;
    begin = begin == std::string::npos ? 0 : begin + 1;
  }
  std::string text = run.printed.substr(begin);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines += paragraph(printable(text.substr(0, end)), style, Tone::quiet, 2);
    text = end == std::string::npos ? "" : text.substr(end + 1);
  }
  return lines;
}

std::string failure_text(const CheckedRun& run) {
  if (!run.status.error.empty()) return run.status.error;
  if (run.status.signal) return fmt::format("it was killed by signal {}", *run.status.signal);
  if (!run.status.exit_code) return "its supervisor was killed, or its directory was taken away";
  return fmt::format("it ended with exit code {}", *run.status.exit_code);
}

std::string spec_words(const TrialSpec& spec) {
  return fmt::format("B={}, η={}, seed {}", spec.batch_size, display_lr(spec.lr), spec.seed);
}

const CheckedRun* failed_run(const ProgramCheck& check) {
  for (const CheckedRun& run : check.runs) {
    if (!run.ended() && !run.was_stopped()) return &run;
  }
  return nullptr;
}

std::string metric_sentence(const ProgramCheck& check) {
  if (check.runs.front().metrics.empty()) return "";
  const SeenMetric* metric = check.metric.empty() ? nullptr : check.runs.front().find(check.metric);
  if (metric == nullptr) {
    return check.metric.empty()
               ? "✗ None of these names is one of a loss or another metric: choose one by --metric."
               : fmt::format("✗ '{}' is not among them.", printable(check.metric));
  }
  if (!std::isfinite(metric->last)) {
    return fmt::format("✗ '{}' diverged with η={}: give a lower --lr.", printable(metric->name),
                       display_lr(check.runs.front().spec.lr));
  }
  return fmt::format(
      "✓ {} '{}' is the result, {}, {}.",
      check.metric_is_guessed ? "Taken by its name:" : "Found:", printable(metric->name),
      check.direction == MetricDirection::maximize ? "the greater the better"
                                                   : "the less the better",
      check.step_name ? fmt::format("counted by '{}'", printable(*check.step_name))
                      : "counted as it comes, for no step is printed");
}

// Of what diverged nothing more can be said.
bool metric_is_lost(const ProgramCheck& check) {
  const SeenMetric* metric = check.runs.front().find(check.metric);
  return metric != nullptr && !std::isfinite(metric->last);
}

std::string repetition_sentence(const ProgramCheck& check) {
  const Effect& effect = check.repetition;
  if (!effect.first) return "";
  if (!effect.is_seen()) {
    constexpr const char* kNumbers[] = {"Two", "Three", "Four"};
    return fmt::format("✓ {} equal runs give the same.",
                       kNumbers[std::clamp<std::int64_t>(check.repetitions - 1, 0, 2)]);
  }
  return fmt::format(
      "? Equal runs differ, at first by {}: the seed does not settle everything, so "
      "intervals will be wider.",
      rounded_number(*effect.first, 2));
}

std::string effect_sentence(const Effect& effect, const Effect& repetition) {
  if (!effect.first)
    return fmt::format("? Whether {} changes anything could not be seen.", effect.of);
  if (!effect.is_seen()) {
    return fmt::format("✗ Changing {} changes nothing in {} value{}: is it passed on?", effect.of,
                       effect.compared, effect.compared == 1 ? "" : "s");
  }
  if (repetition.is_seen() && *effect.first <= 2 * *repetition.first) {
    return fmt::format("? Changing {} changes no more than chance does.", effect.of);
  }
  return fmt::format("✓ Changing {} changes the result, at first by {}.", effect.of,
                     rounded_number(*effect.first, 2));
}

std::string memory_text(std::int64_t bytes) {
  return bytes >= (std::int64_t{1} << 30)
             ? fmt::format("{:.1f} GB", static_cast<double>(bytes) / (1 << 30))
             : fmt::format("{:.0f} MB", static_cast<double>(bytes) / (1 << 20));
}

std::string cost_sentence(const ProgramCheck& check, const StudyToCome& study) {
  if (!check.seconds_at_least || !check.seconds_at_most) {
    return "? A whole trial takes longer than these runs were given, so its cost is not known; "
           "--look SECONDS gives them more.";
  }
  const double each = (*check.seconds_at_least + *check.seconds_at_most) / 2;
  const double rounds =
      std::ceil(static_cast<double>(study.trials) / static_cast<double>(study.slots));
  return fmt::format(
      "A trial takes {} at the least batch size and {} at the greatest; {}, {} "
      "at a time, about {}.",
      display_duration(*check.seconds_at_least), display_duration(*check.seconds_at_most),
      counted(study.trials, "trial"), study.slots, display_duration(each * rounds));
}

}  // namespace

bool is_ready(const ProgramCheck& check) {
  if (failed_run(check) != nullptr || !has_metric(check)) return false;
  if (!std::isfinite(check.runs.front().find(check.metric)->last)) return false;
  return std::none_of(check.effects.begin(), check.effects.end(), [](const Effect& effect) {
    return effect.of != "the seed" && effect.first && !effect.is_seen();
  });
}

std::string check_text(const ProgramCheck& check, const StudyToCome& study,
                       const TextStyle& style) {
  std::string text;
  const auto say = [&](const std::string& sentence, Tone tone = Tone::plain) {
    if (!sentence.empty()) text += paragraph(sentence, style, tone);
  };
  if (const CheckedRun* run = failed_run(check)) {
    say(fmt::format("✗ The run with {} failed: {}.", spec_words(run->spec), failure_text(*run)),
        Tone::bad);
    text += last_lines_of(*run, style);
    if (run->ran_out_of_memory()) {
      say("It ran out of memory: with --micro-batch N and its places {micro_batch_size} and "
          "{grad_accum} a batch is made of smaller passes, where the program can; or leave that "
          "batch size out.");
    }
    return text;
  }
  say(names_text(check.runs.front()), Tone::quiet);
  say(metric_sentence(check));
  if (metric_is_lost(check)) return text;
  say(repetition_sentence(check));
  if (has_metric(check)) {
    for (const Effect& effect : check.effects) say(effect_sentence(effect, check.repetition));
  }
  say(cost_sentence(check, study));
  if (check.peak_memory_bytes > 0) {
    say(fmt::format("At the greatest batch size it takes {} of main memory.",
                    memory_text(check.peak_memory_bytes)));
  }
  if (!is_ready(check)) return text;
  return text + "\nThe study:\n" + study.command + "\n";
}

}  // namespace etalon
