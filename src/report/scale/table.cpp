#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "report/scale/comment.hpp"
#include "report/scale/evidence_text.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon {
namespace {

std::string field_cell(const FieldChange& change, double value) {
  const double shown = shown_value(change, value);
  const bool whole = shown == std::round(shown) && std::abs(shown) < 1e15;
  return whole ? fmt::format("{:.0f}", shown) : fmt::format("{:.4g}", shown);
}

std::string flag_of(std::string field) {
  std::replace(field.begin(), field.end(), '_', '-');
  return "--" + field;
}

class ScaleTableWriter {
 public:
  ScaleTableWriter(const ScaleAnswer& answer, const TextStyle& style)
      : answer_(answer), style_(style) {}

  std::string write() {
    for (std::size_t i = 0; i < answer_.targets.size(); ++i) {
      write_target(answer_.targets[i],
                   i < answer_.evidence.size() ? &answer_.evidence[i] : nullptr);
    }
    return std::move(text_);
  }

 private:
  void say(std::string_view text, std::size_t indent = 0, std::size_t hanging = 0,
           Tone tone = Tone::plain) {
    text_ += paragraph(text, style_, tone, indent, hanging);
  }
  void space() { text_ += '\n'; }
  // `start`, and `text` beside it in as many lines as it takes.
  void say_beside(std::string start, std::string_view text, Tone tone = Tone::plain) {
    const std::size_t margin = columns_of(start);
    for (const std::string& line : wrap(text, style_.width - margin)) {
      text_ += start + painted(tone, line, style_) + '\n';
      start.assign(margin, ' ');
    }
  }

  void write_target(const RuleComparison& comparison, const AtlasEvidence* evidence) {
    if (!text_.empty()) space();
    warned_.clear();
    say(fmt::format("{}: batch size {} -> {}, κ = {:.6g}", to_string(answer_.base.optimizer),
                    answer_.base.batch.global(), comparison.target.global(), comparison.kappa),
        0, 2, Tone::strong);
    for (const BatchShape& batch : {answer_.base.batch, comparison.target}) {
      if (batch.micro_batch != batch.global()) say(batch_text(batch), 2);
    }
    for (const std::string& note : answer_.notes) say(fmt::format("Note: {}", note), 0, 2);
    space();
    write_choice(comparison);
    const ScaledRecipe& first = comparison.rules.front();
    write_fields(first);
    write_assumed();
    write_source(first);
    write_paste(first);
    write_check(first);
    if (evidence) text_ += evidence_text(*evidence, style_);
    write_others(comparison);
    write_omitted(comparison);
  }

  void write_choice(const RuleComparison& comparison) {
    const ScaledRecipe& first = comparison.rules.front();
    if (first.rule.name == comparison.recommended) {
      say(fmt::format("Use rule {}: lr {:.6g}.", comparison.recommended, first.recipe.lr), 0, 0,
          Tone::good);
      return say(comparison.reason);
    }
    say(fmt::format("Rule {}, as asked: lr {:.6g}. The one recommended here is {}.",
                    first.rule.name, first.recipe.lr, comparison.recommended));
    say(comparison.reason);
  }

  // The reasons stand in the last column where there is room for them, and below otherwise.
  void write_fields(const ScaledRecipe& scaled) {
    std::size_t name_width = 0, number_width = std::string_view("becomes").size();
    for (const FieldChange& change : scaled.fields) {
      name_width = std::max(name_width, change.field.size());
      number_width = std::max({number_width, field_cell(change, change.old_value).size(),
                               field_cell(change, change.new_value).size()});
    }
    space();
    text_ += fmt::format("  {:<{}}  {:>{}}     {:>{}}\n", "", name_width, "was", number_width,
                         "becomes", number_width);
    for (const FieldChange& change : scaled.fields) write_field(change, name_width, number_width);
  }

  void write_field(const FieldChange& change, std::size_t name_width, std::size_t number_width) {
    const std::string row =
        fmt::format("  {:<{}}  {:>{}}  {} {:>{}}  ", change.field, name_width,
                    field_cell(change, change.old_value), number_width, change.moved ? "->" : "  ",
                    field_cell(change, change.new_value), number_width);
    const std::size_t room = style_.width > row.size() + 24 ? style_.width - row.size() : 0;
    if (room == 0) {
      text_ += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
      return say(change.why, 6);
    }
    say_beside(row, change.why);
  }

  void write_assumed() {
    if (answer_.assumed.empty()) return;
    space();
    say(fmt::format("Assumed, since not given (the optimizer's usual defaults): {}.",
                    fmt::join(answer_.assumed, ", ")),
        2);
  }

  void write_source(const ScaledRecipe& scaled) {
    space();
    say_beside("  formula   ", scaled.rule.formula);
    say_beside("  source    ", scaled.rule.source);
    say_beside("  holds     ", scaled.rule.validity);
    for (const std::string& warning : scaled.warnings) {
      say_beside("  warning   ", warning, Tone::bad);
      warned_.emplace(warning, scaled.rule.name);
    }
  }

  void write_paste(const ScaledRecipe& scaled) {
    text_ += fmt::format("\nTo paste (PyTorch):\n\n{}", pytorch_lines(scaled, answer_.options));
  }

  // What is published is where to start from, not what is best here.
  void write_check(const ScaledRecipe& scaled) {
    if (scaled.kappa == 1) return;
    space();
    say("To check it by a few runs of your own program, which need not be long:");
    text_ += fmt::format("\n  etalon suggest runs --batch-size {} --optimizer {} --lr {}\n",
                         scaled.recipe.batch.global(), to_string(scaled.recipe.optimizer),
                         fmt::format("{:.3g}", scaled.recipe.lr));
  }

  void write_others(const RuleComparison& comparison) {
    if (comparison.rules.size() == 1) return;
    text_ += "\nOther rules (--rule NAME gives one in full):\n\n";
    for (std::size_t i = 1; i < comparison.rules.size(); ++i) write_other(comparison.rules[i]);
  }

  void write_other(const ScaledRecipe& scaled) {
    std::string moves;
    for (const FieldChange& change : scaled.fields) {
      if (!change.moved || change.field.starts_with("lr")) continue;
      moves += fmt::format("; {} {} -> {}", change.field, field_cell(change, change.old_value),
                           field_cell(change, change.new_value));
    }
    const std::string rate = fmt::format("{:.6g}", scaled.recipe.lr);
    say_beside(fmt::format("  {:<13} lr {:<11} ", scaled.rule.name, rate), scaled.rule.formula);
    const std::string margin(17, ' ');
    if (!moves.empty()) say_beside(margin, moves.substr(2));
    for (const std::string& warning : scaled.warnings) write_warning(scaled, warning, margin);
  }

  // What another rule was warned of already is not said again.
  void write_warning(const ScaledRecipe& scaled, const std::string& warning,
                     const std::string& margin) {
    const auto [first, is_new] = warned_.emplace(warning, scaled.rule.name);
    say_beside(margin + "warning: ", is_new ? warning : fmt::format("that of {}", first->second));
  }

  // Rules that are missing for one reason share a line.
  void write_omitted(const RuleComparison& comparison) {
    if (comparison.omitted.empty()) return;
    text_ += "\nNot shown:\n\n";
    std::vector<std::string> said;
    for (const OmittedRule& omitted : comparison.omitted) {
      if (std::find(said.begin(), said.end(), omitted.why) != said.end()) continue;
      said.push_back(omitted.why);
      std::vector<std::string> names;
      for (const OmittedRule& each : comparison.omitted) {
        if (each.why == omitted.why) names.push_back(each.rule);
      }
      const std::string flag =
          omitted.field.empty() ? "" : fmt::format(" ({})", flag_of(omitted.field));
      say(fmt::format("{}: {}{}", fmt::join(names, ", "), omitted.why, flag), 2, 2);
    }
  }

  const ScaleAnswer& answer_;
  const TextStyle style_;
  std::string text_;
  std::map<std::string, std::string> warned_;  // by warning of a target: the rule it was said of
};

}  // namespace

std::string scale_table(const ScaleAnswer& answer, const TextStyle& style) {
  return ScaleTableWriter(answer, style).write();
}

}  // namespace etalon
