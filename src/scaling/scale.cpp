#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/scaling.hpp"
#include "scaling/rule_table.hpp"
#include "scaling/warnings.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon {
namespace {

using Value = std::optional<double>;

// Applies the moves field by field, recording each.
class Mover {
 public:
  Mover(const RuleContext& context, const Moves& moves, ScaledRecipe& answer)
      : context_(context),
        moves_(moves),
        has_(optimizer_info(context.base.optimizer)),
        answer_(answer) {}

  void move_all() {
    Recipe& recipe = answer_.recipe;
    move_lrs(recipe);
    if (recipe.momentum) {
      record("momentum", *recipe.momentum, *recipe.momentum,
             "Kept: no rule here moves it with the batch size.");
    }
    move_beta("beta1", moves_.beta1, recipe.beta1);
    move_beta("beta2", moves_.beta2, recipe.beta2);
    move_eps(recipe.eps);
    move_weight_decay(recipe.weight_decay);
    move_ema(recipe.ema);
    move_durations(recipe);
    keep_schedule_settings(recipe.schedule);
  }

 private:
  void move_lrs(Recipe& recipe) {
    recipe.lr *= moves_.lr_factor;
    record("lr", context_.base.lr, recipe.lr, moves_.lr_why);
    for (std::size_t i = 0; i < recipe.group_lrs.size(); ++i) {
      recipe.group_lrs[i] *= moves_.lr_factor;
      record(fmt::format("lr_{}", i + 2), context_.base.group_lrs[i], recipe.group_lrs[i],
             "By the same factor.");
    }
  }

  void record(std::string field, double before, double after, std::string why) {
    answer_.fields.push_back(
        {std::move(field), before, after, before != after, std::move(why), false});
  }

  void move_beta(const char* name, BetaForm form, Value& beta) {
    if (!beta) return;
    const double before = *beta;
    const bool past_limit =
        form == BetaForm::linear && context_.kappa > 1 && past_beta_limit(context_.kappa, before);
    std::string why = "Kept by this rule.";
    if (form == BetaForm::power || past_limit) {
      beta = std::pow(before, context_.kappa);
      why = past_limit ? "β^κ, since 1 − κ(1 − β) is not above 0 here (see the warning)."
                       : "β^κ: the average keeps its length in examples.";
    } else if (form == BetaForm::linear) {
      // 1 − κ(1 − β), written so that κ = 1 gives β itself to the last bit.
      beta = before - (context_.kappa - 1) * (1 - before);
      why = "1 − κ(1 − β): the average keeps its length in examples.";
    }
    record(name, before, *beta, why);
    answer_.fields.back().stands_in = past_limit;
  }

  void move_eps(Value& eps) {
    if (!eps) return;
    const double before = *eps;
    eps = before * moves_.eps_factor;
    record("eps", before, *eps,
           moves_.eps_factor == 1 && context_.kappa != 1
               ? "Kept by this rule."
               : "Over √κ, as √v shrinks with the noise (over κ where ε is inside the root).");
  }

  void move_weight_decay(Value& decay) {
    if (!decay) return;
    const double before = *decay;
    if (!has_.decoupled_decay) {
      record("weight_decay", before, before,
             has_.layerwise ? "Kept: this optimizer's papers keep it."
                            : "Kept: coupled decay is a term of the loss, not of the step.");
      return;
    }
    if (moves_.keeps_decay) {
      record("weight_decay", before, before, "Kept by this rule.");
      return;
    }
    decay = before * (moves_.progress / moves_.lr_factor);
    record("weight_decay", before, *decay,
           "λ·κη/η': the decay's time-scale 1/(ηλ) keeps its length in examples (Wang & Aitchison "
           "2024, arXiv:2405.13698).");
  }

  void move_ema(Value& ema) {
    if (!ema) return;
    const double before = *ema;
    if (!moves_.keeps_ema) ema = std::pow(before, moves_.progress);
    record("ema", before, *ema,
           moves_.keeps_ema ? "Kept by this rule."
                            : "ρ to the power of the steps that one step replaces (Busbridge et "
                              "al. 2023, arXiv:2307.13813).");
  }

  void move_durations(Recipe& recipe) {
    const bool same_examples = moves_.progress == context_.kappa;
    const char* why = same_examples ? "The same examples in steps of B'."
                                    : "Steps over r: each step does the work of r.";
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      const bool longer_warmup = setting.name == "warmup" && moves_.warmup_progress;
      move_lengths(setting, recipe.schedule,
                   longer_warmup ? *moves_.warmup_progress : moves_.progress,
                   longer_warmup ? "The same steps, κ times the epochs." : why);
    }
    if (recipe.budget) move_duration("", *recipe.budget, moves_.progress, why);
  }

  void move_lengths(const ScheduleSetting& setting, ScheduleOptions& schedule, double progress,
                    const char* why) {
    const std::string prefix = fmt::format("{}_", setting.name);
    if (const auto* length = std::get_if<LengthSetting>(&setting.kind)) {
      std::optional<Duration>& value = schedule.*length->value;
      if (value) move_duration(prefix, *value, progress, why);
    } else if (const auto* lengths = std::get_if<LengthsSetting>(&setting.kind)) {
      for (Duration& each : schedule.*lengths->value) move_duration(prefix, each, progress, why);
    }
  }

  void keep_schedule_settings(const ScheduleOptions& schedule) {
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      Value value;
      if (const auto* number = std::get_if<NumberSetting>(&setting.kind)) {
        value = schedule.*number->value;
      } else if (const auto* count = std::get_if<CountSetting>(&setting.kind)) {
        if (schedule.*count->value) value = static_cast<double>(*(schedule.*count->value));
      }
      if (!value) continue;
      record(std::string(setting.name), *value, *value,
             setting.name.starts_with("plateau_")
                 ? "Kept: it counts evaluations and shares of η, not steps."
                 : "Kept: a share of η or of the budget.");
    }
  }

  // Steps are divided by `progress`; epochs and examples then change by κ / progress.
  void move_duration(const std::string& prefix, Duration& duration, double progress,
                     const char* why) {
    const Duration before = duration;
    duration.amount = before.unit == DurationUnit::steps
                          ? before.amount / progress
                          : before.amount * (context_.kappa / progress);
    const auto dataset_size = context_.options.dataset_size;
    for (const DurationUnit unit : kDurationUnits) {
      const Value old_value = in_unit(before, unit, context_.base_batch_size, dataset_size);
      const Value new_value = in_unit(duration, unit, context_.target_batch_size, dataset_size);
      if (!old_value || !new_value) continue;
      record(fmt::format("{}{}", prefix, to_string(unit)), *old_value, *new_value, why);
    }
  }

  const RuleContext& context_;
  const Moves& moves_;
  const OptimizerInfo& has_;
  ScaledRecipe& answer_;
};

void check_representable(const ScaledRecipe& answer) {
  for (const FieldChange& change : answer.fields) {
    const bool vanished = change.field == "eps" && change.new_value == 0 && change.old_value != 0;
    const bool no_lr = change.field.starts_with("lr") && !is_valid_lr(change.new_value);
    if (std::isfinite(change.new_value) && !vanished && !no_lr) continue;
    throw InputError(
        fmt::format("rule {} takes {} from {} to {}, which is no usable number", answer.rule.name,
                    change.field, change.old_value, change.new_value),
        fmt::format("at κ = {:.6g}", answer.kappa), "give a nearer batch size");
  }
}

}  // namespace

ScaledRecipe scale(const Recipe& base, const BatchShape& target, std::string_view rule_name,
                   const ScaleOptions& options) {
  base.validate();
  target.validate();
  options.validate();
  const Rule& rule = find_rule(rule_name);
  if (const std::string why = obstacle(rule, base, options); !why.empty()) {
    throw InputError(fmt::format("rule {} cannot be applied", rule_name), "", why);
  }
  const double kappa = batch_ratio(base, target);
  const RuleContext context{base, options, static_cast<double>(base.batch.global()),
                            static_cast<double>(target.global()), kappa};
  ScaledRecipe answer{rule.info, base, kappa, {}, {}};
  answer.recipe.batch = target;
  const Moves moves = rule.moves(context);
  Mover(context, moves, answer).move_all();
  check_representable(answer);
  answer.warnings = find_warnings(rule, context, answer.recipe);
  return answer;
}

}  // namespace etalon
