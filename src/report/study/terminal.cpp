#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "etalon/target.hpp"
#include "report/display.hpp"
#include "report/study/exact_optima.hpp"
#include "report/study/objective_cells.hpp"
#include "report/study/target_text.hpp"
#include "report/text_layout.hpp"
#include "study/limits_text.hpp"
#include "study/objective_text.hpp"
#include "study/outcome.hpp"
#include "study/told_regret.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

// Of a target, "not reached" where not every run at the best learning rate arrives.
std::string optimal_loss_text(const StudyResult& result, const Optimum& optimum) {
  if (is_not_reached(result, static_cast<std::int64_t>(optimum.batch_size))) return "not reached";
  return objective_cell(result, optimum.fitted_loss);
}

ColumnGroup optimum_group(const StudyResult& result) {
  std::vector<std::string> lrs, intervals, losses;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto found =
        std::find_if(result.optima.begin(), result.optima.end(), [&](const Optimum& optimum) {
          return static_cast<std::int64_t>(optimum.batch_size) == batch_size;
        });
    const bool known = found != result.optima.end();
    lrs.push_back(known ? display_lr(found->lr) : "-");
    intervals.push_back(known ? display_interval(found->lr_low, found->lr_high) : "-");
    losses.push_back(known ? optimal_loss_text(result, *found) : "-");
  }
  const std::vector<Tone> strong(lrs.size(), Tone::strong);
  const std::string level = fmt::format("{:.0f}% interval", 100.0 * result.options.level);
  return {{"best η", std::move(lrs), strong},
          {level, std::move(intervals)},
          {objective_head(result), std::move(losses)}};
}

ColumnGroup exact_group(const StudyResult& result, const std::vector<ExactOptimum>& exact) {
  std::vector<std::string> lrs, losses;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto found = std::find_if(exact.begin(), exact.end(), [&](const ExactOptimum& each) {
      return each.batch_size == batch_size;
    });
    lrs.push_back(found == exact.end() ? "-" : display_lr(found->lr));
    losses.push_back(found == exact.end() ? "-" : objective_cell(result, found->loss));
  }
  return {{"exact η", std::move(lrs)}, {objective_head(result), std::move(losses)}};
}

std::string_view sign_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "✓";
    case Verdict::fails:
      return "✗";
    case Verdict::cannot_tell:
      break;
  }
  return "?";
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return Tone::good;
    case Verdict::fails:
      return Tone::bad;
    case Verdict::cannot_tell:
      break;
  }
  return Tone::quiet;
}

// Of a rule, whose learning rate may lie far from all runs.
std::string told_cell(const StudyResult& result, const Regret& regret, std::int64_t batch_size) {
  const double shown = result.workload.shown(*regret.loss), greatest = greatest_told(regret);
  const bool is_far = !counts_steps(result.workload) && std::abs(shown) > greatest;
  return is_far ? told_number(shown, 4, greatest)
                : objective_cell_at(result, *regret.loss, batch_size, regret.lr);
}

ColumnGroup rule_group(const StudyResult& result, const std::string& rule) {
  std::vector<std::string> lrs, losses, signs;
  std::vector<Tone> tones;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto found =
        std::find_if(result.rules.begin(), result.rules.end(), [&](const RuleOutcome& outcome) {
          return outcome.rule == rule && outcome.batch_size == batch_size;
        });
    const bool known = found != result.rules.end();
    const Verdict verdict = known ? found->regret.verdict : Verdict::cannot_tell;
    const bool lost = known && !found->regret.loss && verdict == Verdict::fails;
    lrs.push_back(known ? display_lr(found->regret.lr) : "-");
    losses.push_back(known && found->regret.loss ? told_cell(result, found->regret, batch_size)
                     : lost                      ? "diverged"
                                                 : "-");
    signs.emplace_back(sign_of(verdict));
    tones.push_back(tone_of(verdict));
  }
  return {{printable(rule) + " η", std::move(lrs)},
          {objective_head(result), std::move(losses)},
          {"", std::move(signs), std::move(tones)}};
}

// "120 trials (2 failed, 7 pruned)"
std::string trials_text(const StudyResult& result) {
  std::string apart;
  for (const TrialState state : {TrialState::failed, TrialState::pruned}) {
    const auto count =
        std::count_if(result.trials.begin(), result.trials.end(),
                      [state](const TrialRecord& trial) { return trial.result.state == state; });
    if (count == 0) continue;
    apart += fmt::format("{}{} {}", apart.empty() ? "" : ", ", count, to_string(state));
  }
  const std::string trials = counted(static_cast<std::int64_t>(result.trials.size()), "trial");
  return apart.empty() ? trials : fmt::format("{} ({})", trials, apart);
}

// "3 epochs", or "2048 examples" where that is less than a tenth of one; empty where a program
// keeps it to itself.
std::string budget_length(const WorkloadInfo& workload) {
  if (workload.budget_steps > 0) return counted(workload.budget_steps, "step");
  if (workload.budget_examples == 0) return "";
  if (workload.budget_examples * 10 < workload.examples_per_epoch ||
      workload.examples_per_epoch == 0) {
    return counted(workload.budget_examples, "example");
  }
  return fmt::format("{} epochs",
                     rounded_number(static_cast<double>(workload.budget_examples) /
                                        static_cast<double>(workload.examples_per_epoch),
                                    3));
}

// " after 3 epochs"; of a target, that may be reached before, " within".
std::string budget_text(const WorkloadInfo& workload) {
  const std::string length = budget_length(workload);
  if (length.empty()) return "";
  return (target_of(workload.settings) ? " within " : " after ") + length;
}

// "3 seeds"; "up to 6 seeds" where some took more than others begin with.
std::string seeds_text(const StudyResult& result) {
  std::int64_t most = result.options.seeds;
  std::map<TrialSpec, std::int64_t> runs;
  for (const TrialRecord& trial : result.trials) {
    TrialSpec without_seed = trial.spec;
    without_seed.seed = 0;
    most = std::max(most, ++runs[without_seed]);
  }
  return (most > result.options.seeds ? "up to " : "") + counted(most, "seed");
}

// "steps to loss 0.1", of which the objective is the logarithm.
std::string objective_line(const WorkloadInfo& workload) {
  constexpr std::string_view kLog = "ln ";
  return workload.objective_name.substr(counts_steps(workload) ? kLog.size() : 0);
}

std::string study_line(const StudyResult& result) {
  const WorkloadInfo& workload = result.workload;
  const std::int64_t seeds = result.options.seeds;
  std::string line =
      fmt::format("{}: {}{}, {}, {} in {}", printable(workload.name),
                  printable(objective_line(workload)), budget_text(workload), seeds_text(result),
                  trials_text(result), display_duration(result.wall_seconds));
  const std::int64_t grid = grid_trials(result);
  if (seeds > 1 && !result.options.rules.empty() &&
      grid > static_cast<std::int64_t>(result.trials.size())) {
    line += fmt::format("; a full grid over the learning rates compared is {}", grid);
  }
  return line;
}

std::string recommendation(const StudyResult& result) {
  std::string text;
  for (const Recommendation& each : result.recommendations) {
    if (is_not_reached(result, each.batch_size)) continue;
    text += fmt::format("{} {} at B={}", text.empty() ? "Use η" : ",", display_lr(each.lr),
                        each.batch_size);
    if (each.moved.any()) {
      text += fmt::format(" with {}", describe(each.moved));
      if (!each.rule.empty()) text += fmt::format(" ({})", printable(each.rule));
    }
  }
  return text.empty() ? "" : text + ".";
}

// What rules move besides the learning rate, and where a stand-in took a value's place.
std::string moved_text(const StudyResult& result, const TextStyle& style) {
  std::string lines;
  for (const std::string& rule : result.options.rules) {
    bool said = false;
    for (const RuleOutcome& outcome : result.rules) {
      if (outcome.rule != rule || !outcome.moved.any()) continue;
      if (!said) lines += paragraph(printable(rule) + " also sets", style, Tone::quiet);
      said = true;
      std::string text = fmt::format("at B={}: {}", outcome.batch_size, describe(outcome.moved));
      if (!outcome.stand_ins.empty()) {
        text += fmt::format(" ({}: an extrapolation)", fmt::join(outcome.stand_ins, "; "));
      }
      lines += paragraph(text, style, Tone::quiet, 2);
    }
  }
  return lines;
}

// Of the signs behind the rules.
std::string legend(const StudyResult& result, const TextStyle& style) {
  if (result.options.rules.empty()) return "";
  return paragraph(fmt::format("✓ within {}  ✗ not, or diverged  ? cannot tell",
                               printable(nearness_text(result.workload, result.options.tolerance))),
                   style, Tone::quiet);
}

}  // namespace

void TerminalOptions::validate() const {
  if (width >= 40) return;
  throw InputError(fmt::format("{} is {}", field_name("width"), width), "", "it must be >= 40");
}

TerminalOptions terminal_style(std::FILE* stream) {
  const TextStyle style = text_style(stream);
  return {.width = style.width, .color = style.color, .report_path = {}};
}

TerminalReporter::TerminalReporter(TerminalOptions options) : options_(std::move(options)) {
  options_.validate();
}

void TerminalReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                              std::ostream& out) const {
  const TextStyle style{options_.width, options_.color};
  const std::string target = target_sentence(result);
  if (!target.empty()) out << paragraph(target, style, Tone::strong) << '\n';
  out << paragraph(printable(result.conclusion), style, Tone::strong) << '\n'
      << paragraph(study_line(result), style, Tone::quiet) << '\n';
  Column keys{"B", {}};
  for (const std::int64_t each : result.options.batch_sizes) {
    keys.cells.push_back(fmt::format("{}", each));
  }
  std::vector<ColumnGroup> groups = {optimum_group(result)};
  const std::vector<ExactOptimum> exact = exact_optima(result);
  if (!exact.empty()) groups.push_back(exact_group(result, exact));
  for (const std::string& rule : result.options.rules) groups.push_back(rule_group(result, rule));
  out << table(keys, groups, style) << legend(result, style) << moved_text(result, style);
  const std::string sentence = exact_sentence(result, exact);
  if (!sentence.empty()) out << paragraph(sentence, style);
  if (!result.options.rules.empty() || !sentence.empty()) out << '\n';
  const std::string limits = limits_text(result);
  if (!limits.empty()) out << paragraph(printable(limits), style) << '\n';
  out << target_table(result, style);
  const std::string use = recommendation(result);
  if (!use.empty()) out << paragraph(use, style);
  if (!options_.report_path.empty()) out << "Report: " << printable(options_.report_path) << '\n';
}

}  // namespace etalon
