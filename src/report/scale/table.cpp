#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "report/scale/scale_answer.hpp"

namespace etalon {
namespace {

std::string describe_batch(const BatchShape& batch) {
  if (batch.accumulation == 1 && batch.replicas == 1) return fmt::format("{}", batch.global());
  return fmt::format("{} ({} micro-batch × {} accumulation × {} replicas)", batch.global(),
                     batch.micro_batch, batch.accumulation, batch.replicas);
}

std::string field_cell(const FieldChange& change, double value) {
  if (change.field.ends_with("steps")) return fmt::format("{}", whole_steps(value));
  return fmt::format("{:.6g}", value);
}

class ScaleTableWriter {
 public:
  explicit ScaleTableWriter(const ScaleAnswer& answer) : answer_(answer) {}

  std::string write() {
    for (const Advice& advice : answer_.targets) write_target(advice);
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  void write_target(const Advice& advice) {
    if (!text_.empty()) print("\n");
    print("{}: batch size {} -> {}, κ = {:.6g}\n", to_string(answer_.base.optimizer),
          describe_batch(answer_.base.batch), describe_batch(advice.target), advice.kappa);
    const ScaledRecipe& first = advice.rules.front();
    if (first.rule.name == advice.recommended) {
      print("\nUse rule {}. {}\n", advice.recommended, advice.reason);
    } else {
      print("\nRule {}, as asked. The one recommended here is {}: {}\n", first.rule.name,
            advice.recommended, advice.reason);
    }
    write_fields(first);
    write_assumed();
    write_source(first);
    write_paste(first);
    write_others(advice);
  }

  void write_fields(const ScaledRecipe& scaled) {
    print("\n  {:<20} {:>12}    {:>12}  why\n", "", "was", "becomes");
    for (const FieldChange& change : scaled.fields) {
      print("  {:<20} {:>12} {} {:>12}  {}\n", change.field, field_cell(change, change.old_value),
            change.moved ? "->" : "  ", field_cell(change, change.new_value), change.why);
    }
  }

  void write_assumed() {
    if (answer_.assumed.empty()) return;
    print("\n  Assumed, since not given (the optimizer's usual defaults): {}.\n",
          fmt::join(answer_.assumed, ", "));
  }

  void write_source(const ScaledRecipe& scaled) {
    print("\n  formula   {}\n  source    {}\n  holds     {}\n", scaled.rule.formula,
          scaled.rule.source, scaled.rule.validity);
    for (const std::string& warning : scaled.warnings) print("  warning   {}\n", warning);
  }

  void write_paste(const ScaledRecipe& scaled) {
    print("\nTo paste (PyTorch):\n\n{}", recipe_pytorch(scaled));
  }

  void write_others(const Advice& advice) {
    if (advice.rules.size() > 1) print("\nOther rules:\n\n");
    for (std::size_t i = 1; i < advice.rules.size(); ++i) write_other(advice.rules[i]);
    if (!advice.omitted.empty()) print("\nNot shown:\n");
    for (const OmittedRule& omitted : advice.omitted) {
      print("  {:<14} {}\n", omitted.rule, omitted.why);
    }
  }

  void write_other(const ScaledRecipe& scaled) {
    print("  {:<14} lr {:<12.6g} {}; {}\n", scaled.rule.name, scaled.recipe.lr, scaled.rule.formula,
          scaled.rule.source);
    for (const FieldChange& change : scaled.fields) {
      if (!change.moved || change.field == "lr") continue;
      print("  {:<14} {} {} -> {}\n", "", change.field, field_cell(change, change.old_value),
            field_cell(change, change.new_value));
    }
    for (const std::string& warning : scaled.warnings) {
      print("  {:<14} warning: {}\n", "", warning);
    }
  }

  const ScaleAnswer& answer_;
  std::string text_;
};

}  // namespace

std::string scale_table(const ScaleAnswer& answer) { return ScaleTableWriter(answer).write(); }

}  // namespace etalon
