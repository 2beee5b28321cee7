#include "report/terminal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "etalon/error.hpp"
#include "report/display.hpp"
#include "study/grid_size.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

enum class Tone { plain, strong, good, bad, quiet };

class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  std::string operator()(Tone tone, std::string_view text) const {
    if (!color_ || tone == Tone::plain) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code(tone), text);
  }

 private:
  static int code(Tone tone) {
    switch (tone) {
      case Tone::strong:
        return 1;
      case Tone::good:
        return 32;
      case Tone::bad:
        return 31;
      case Tone::quiet:
      case Tone::plain:
        break;
    }
    return 2;
  }
  const bool color_;
};

// What a table of one line per batch size is made of. `cells` are padded to `width` columns.
struct Column {
  std::string head;
  std::size_t width = 0;
  std::vector<std::string> cells;
  std::vector<Tone> tones;
};

Column make_column(std::string head, std::vector<std::string> cells, std::vector<Tone> tones) {
  Column column{std::move(head), 0, std::move(cells), std::move(tones)};
  column.width = columns_of(column.head);
  for (const std::string& cell : column.cells) {
    column.width = std::max(column.width, columns_of(cell));
  }
  return column;
}

// Columns that stay together when a table is too wide and is broken into several.
using Group = std::vector<Column>;

std::string padded(std::string_view text, std::size_t width) {
  return std::string(width - std::min(width, columns_of(text)), ' ') + std::string(text);
}

Group optimum_group(const StudyResult& result) {
  std::vector<std::string> lrs, intervals, losses;
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto found =
        std::find_if(result.optima.begin(), result.optima.end(), [&](const Optimum& optimum) {
          return static_cast<std::int64_t>(optimum.batch_size) == batch_size;
        });
    const bool known = found != result.optima.end();
    lrs.push_back(known ? display_lr(found->lr) : "-");
    intervals.push_back(known ? display_interval(found->lr_low, found->lr_high) : "-");
    losses.push_back(known ? display_loss(found->loss) : "-");
  }
  const std::vector<Tone> strong(lrs.size(), Tone::strong), plain(lrs.size(), Tone::plain);
  return {make_column("best η", std::move(lrs), strong),
          make_column(fmt::format("{:.0f}% interval", 100.0 * result.options.level),
                      std::move(intervals), plain),
          make_column("loss", std::move(losses), plain)};
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

Group rule_group(const StudyResult& result, const std::string& rule) {
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
    losses.push_back(known && found->regret.loss ? display_loss(*found->regret.loss)
                     : lost                      ? "diverged"
                                                 : "-");
    signs.emplace_back(sign_of(verdict));
    tones.push_back(tone_of(verdict));
  }
  const std::vector<Tone> plain(lrs.size(), Tone::plain);
  return {make_column(printable(rule) + " η", std::move(lrs), plain),
          make_column("loss", std::move(losses), plain),
          make_column("", std::move(signs), std::move(tones))};
}

constexpr std::size_t kBetweenGroups = 2;

std::size_t width_of(const Group& group) {
  std::size_t width = kBetweenGroups;
  for (const Column& column : group) width += column.width + 1;
  return width - 1;
}

std::string line_of(const Column& keys, const std::vector<const Group*>& groups,
                    const Painter& paint, std::optional<std::size_t> row) {
  const auto cell = [&](const Column& column) {
    if (!row) return paint(Tone::quiet, padded(column.head, column.width));
    return paint(column.tones[*row], padded(column.cells[*row], column.width));
  };
  std::string line = cell(keys);
  for (const Group* group : groups) {
    line += std::string(kBetweenGroups - 1, ' ');
    for (const Column& column : *group) line += ' ' + cell(column);
  }
  const auto last = line.find_last_not_of(' ');
  return line.substr(0, last == std::string::npos ? 0 : last + 1) + '\n';
}

// As many groups side by side as fit into `width`, then the next ones below.
std::string table(const Column& keys, const std::vector<Group>& groups, std::size_t width,
                  const Painter& paint) {
  std::string text;
  for (std::size_t next = 0; next < groups.size();) {
    std::vector<const Group*> side_by_side;
    std::size_t used = keys.width;
    while (next < groups.size() &&
           (side_by_side.empty() || used + width_of(groups[next]) <= width)) {
      used += width_of(groups[next]);
      side_by_side.push_back(&groups[next++]);
    }
    text += line_of(keys, side_by_side, paint, std::nullopt);
    for (std::size_t row = 0; row < keys.cells.size(); ++row) {
      text += line_of(keys, side_by_side, paint, row);
    }
    text += '\n';
  }
  return text;
}

std::string study_line(const StudyResult& result) {
  const WorkloadInfo& workload = result.workload;
  std::string budget = fmt::format("{} examples", workload.budget_examples);
  if (workload.examples_per_epoch > 0) {
    budget = fmt::format("{:.3g} epochs", static_cast<double>(workload.budget_examples) /
                                              static_cast<double>(workload.examples_per_epoch));
  }
  std::string line =
      fmt::format("{}: {} after {}, {} seeds, {} trials in {}", printable(workload.name),
                  printable(workload.objective_name), budget, result.options.seeds,
                  result.trials.size(), display_duration(result.wall_seconds));
  const std::int64_t grid = grid_trials(result);
  if (grid > static_cast<std::int64_t>(result.trials.size())) {
    line += fmt::format("; a full grid over the learning rates compared is {}", grid);
  }
  return line;
}

std::string recommendation(const StudyResult& result) {
  std::string text = "Use η";
  for (std::size_t i = 0; i < result.recommendations.size(); ++i) {
    const Recommendation& each = result.recommendations[i];
    text += fmt::format("{} {} at B={}", i == 0 ? "" : ",", display_lr(each.lr), each.batch_size);
    if (each.moved.any()) {
      text += fmt::format(" with {} ({})", describe(each.moved), printable(each.rule));
    }
  }
  return text + ".";
}

void write_wrapped(std::ostream& out, std::string_view text, std::size_t width, Tone tone,
                   const Painter& paint, std::size_t indent = 0) {
  for (const std::string& line : wrap(text, width - indent)) {
    out << std::string(indent, ' ') << paint(tone, line) << '\n';
  }
}

// What rules move besides the learning rate, and where a stand-in took a value's place.
void write_moved(const StudyResult& result, std::ostream& out, std::size_t width,
                 const Painter& paint) {
  for (const std::string& rule : result.options.rules) {
    bool said = false;
    for (const RuleOutcome& outcome : result.rules) {
      if (outcome.rule != rule || !outcome.moved.any()) continue;
      if (!said) out << paint(Tone::quiet, fmt::format("{} also sets", printable(rule))) << '\n';
      said = true;
      std::string text = fmt::format("at B={}: {}", outcome.batch_size, describe(outcome.moved));
      if (!outcome.stand_ins.empty()) {
        text += fmt::format(" ({}: an extrapolation)", fmt::join(outcome.stand_ins, "; "));
      }
      write_wrapped(out, text, width, Tone::quiet, paint, 2);
    }
  }
}

}  // namespace

void TerminalOptions::validate() const {
  if (width >= 40) return;
  throw InputError(fmt::format("width = {} must be >= 40", width), "TerminalOptions",
                   "use a wider terminal");
}

TerminalOptions terminal_style(std::FILE* stream) {
  TerminalOptions options;
  options.color = wants_color(stream);
  options.width = std::clamp<std::size_t>(terminal_width(stream, options.width), 40, 120);
  return options;
}

TerminalReporter::TerminalReporter(TerminalOptions options) : options_(std::move(options)) {
  options_.validate();
}

void TerminalReporter::report(const StudyResult& result, const Provenance& /*provenance*/,
                              std::ostream& out) const {
  const Painter paint(options_.color);
  const std::size_t width = options_.width;
  write_wrapped(out, printable(result.conclusion), width, Tone::strong, paint);
  out << '\n';
  write_wrapped(out, study_line(result), width, Tone::quiet, paint);
  out << '\n';
  std::vector<std::string> batch_sizes;
  for (const std::int64_t each : result.options.batch_sizes) {
    batch_sizes.push_back(fmt::format("{}", each));
  }
  const std::vector<Tone> plain(batch_sizes.size(), Tone::plain);
  const Column keys = make_column("B", std::move(batch_sizes), plain);
  std::vector<Group> groups = {optimum_group(result)};
  for (const std::string& rule : result.options.rules) {
    groups.push_back(rule_group(result, rule));
  }
  out << table(keys, groups, width, paint);
  write_wrapped(out,
                fmt::format("✓ within {:g} of the best loss  ✗ not, or diverged  ? cannot tell",
                            result.options.tolerance),
                width, Tone::quiet, paint);
  write_moved(result, out, width, paint);
  out << '\n';
  if (!result.recommendations.empty()) {
    write_wrapped(out, recommendation(result), width, Tone::plain, paint);
  }
  if (!options_.report_path.empty()) out << "Report: " << printable(options_.report_path) << '\n';
}

}  // namespace etalon
