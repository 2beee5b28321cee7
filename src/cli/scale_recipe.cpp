// A scaled recipe as text to paste: TOML for `etalon train`, Python for PyTorch.
#include <fmt/format.h>

#include <iterator>

#include "cli/scale_output.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kUnits[] = {"steps", "epochs", "examples"};

const char* unit_of(const Duration& duration) { return kUnits[static_cast<int>(duration.unit)]; }

// Reads back as the same float; TOML takes "4" for an integer.
std::string toml_float(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string toml_amount(const Duration& duration) {
  if (duration.unit == DurationUnit::steps) return fmt::format("{}", whole_steps(duration.amount));
  if (duration.unit == DurationUnit::examples) return fmt::format("{:.0f}", duration.amount);
  return toml_float(duration.amount);
}

void append_toml_durations(std::string& text, const Recipe& recipe) {
  const auto out = std::back_inserter(text);
  if (recipe.warmup) {
    fmt::format_to(out, "warmup_{} = {}\n", unit_of(*recipe.warmup), toml_amount(*recipe.warmup));
  }
  if (recipe.budget) {
    fmt::format_to(out, "{} = {}\n", unit_of(*recipe.budget), toml_amount(*recipe.budget));
  }
  if (recipe.milestones.empty()) return;
  std::vector<std::string> amounts;
  for (const Duration& milestone : recipe.milestones) amounts.push_back(toml_amount(milestone));
  fmt::format_to(out, "milestone_{} = [{}]\n", unit_of(recipe.milestones.front()),
                 fmt::join(amounts, ", "));
}

std::string decay_argument(const Recipe& recipe) {
  return recipe.weight_decay ? fmt::format(", weight_decay={:.6g}", *recipe.weight_decay) : "";
}

std::string adam_arguments(const Recipe& recipe) {
  return fmt::format("lr={:.6g}, betas=({:.10g}, {:.10g}), eps={:.6g}{}", recipe.lr, *recipe.beta1,
                     *recipe.beta2, *recipe.eps, decay_argument(recipe));
}

std::string momentum_argument(const Recipe& recipe) {
  return recipe.momentum ? fmt::format(", momentum={:.10g}", *recipe.momentum) : "";
}

std::string pytorch_optimizer(const Recipe& recipe) {
  switch (recipe.optimizer) {
    case OptimizerFamily::sgd:
    case OptimizerFamily::momentum:
    case OptimizerFamily::nesterov:
      return fmt::format("torch.optim.SGD(params, lr={:.6g}{}{}{})", recipe.lr,
                         momentum_argument(recipe),
                         recipe.optimizer == OptimizerFamily::nesterov ? ", nesterov=True" : "",
                         decay_argument(recipe));
    case OptimizerFamily::adam:
      return fmt::format("torch.optim.Adam(params, {})", adam_arguments(recipe));
    case OptimizerFamily::adamw:
      return fmt::format("torch.optim.AdamW(params, {})", adam_arguments(recipe));
    case OptimizerFamily::rmsprop:
      return fmt::format("torch.optim.RMSprop(params, lr={:.6g}, alpha={:.10g}, eps={:.6g}{}{})",
                         recipe.lr, *recipe.beta2, *recipe.eps, momentum_argument(recipe),
                         decay_argument(recipe));
    case OptimizerFamily::lars:
      return fmt::format("LARS(params, lr={:.6g}{}{})  # PyTorch has none: bring your own",
                         recipe.lr, momentum_argument(recipe), decay_argument(recipe));
    case OptimizerFamily::lamb:
      return fmt::format("LAMB(params, {})  # PyTorch has none: bring your own",
                         adam_arguments(recipe));
  }
  return "";
}

std::string loader_comment(const BatchShape& batch) {
  if (batch.accumulation == 1 && batch.replicas == 1) {
    return fmt::format("# DataLoader(batch_size={})", batch.micro_batch);
  }
  std::string text = fmt::format("# each of {} replicas: DataLoader(batch_size={})", batch.replicas,
                                 batch.micro_batch);
  if (batch.accumulation > 1) {
    text += fmt::format("; loss / {0}, then step() every {0} micro-batches", batch.accumulation);
  }
  return text;
}

// Steps of the duration that a field of this name records, where they could be computed.
std::vector<std::int64_t> recorded_steps(const ScaledRecipe& scaled, std::string_view field) {
  std::vector<std::int64_t> steps;
  for (const FieldChange& change : scaled.fields) {
    if (change.field == field) steps.push_back(whole_steps(change.new_value));
  }
  return steps;
}

void append_schedulers(std::string& text, const ScaledRecipe& scaled) {
  const auto out = std::back_inserter(text);
  for (const std::int64_t steps : recorded_steps(scaled, "warmup_steps")) {
    const bool from_base = scaled.rule.name == "linear" && scaled.kappa > 1;
    fmt::format_to(out,
                   "warmup = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor={:.6g}, "
                   "total_iters={})  # per step\n",
                   from_base ? 1 / scaled.kappa : 1e-3, steps);
  }
  const auto milestones = recorded_steps(scaled, "milestone_steps");
  if (!milestones.empty()) {
    fmt::format_to(out, "# decay at steps [{}]\n", fmt::join(milestones, ", "));
  }
  for (const std::int64_t steps : recorded_steps(scaled, "steps")) {
    fmt::format_to(out, "# train for {} steps\n", steps);
  }
}

}  // namespace

std::string recipe_toml(const ScaledRecipe& scaled) {
  const Recipe& recipe = scaled.recipe;
  std::string text =
      fmt::format("# etalon scale: rule {}, κ = {:.6g}\n# {}\n# {}\n", scaled.rule.name,
                  scaled.kappa, scaled.rule.formula, scaled.rule.source);
  for (const std::string& warning : scaled.warnings)
    text += fmt::format("# warning: {}\n", warning);
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "batch_size = {}\nmicro_batch = {}\naccumulation = {}\nreplicas = {}\n",
                 recipe.batch.global(), recipe.batch.micro_batch, recipe.batch.accumulation,
                 recipe.batch.replicas);
  fmt::format_to(out, "optimizer = \"{}\"\nlr = {}\n", to_string(recipe.optimizer),
                 toml_float(recipe.lr));
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) fmt::format_to(out, "{} = {}\n", name, toml_float(*value));
  };
  add("momentum", recipe.momentum);
  add("beta1", recipe.beta1);
  add("beta2", recipe.beta2);
  add("eps", recipe.eps);
  add("weight_decay", recipe.weight_decay);
  add("ema", recipe.ema);
  append_toml_durations(text, recipe);
  if (!recipe.schedule.empty()) fmt::format_to(out, "schedule = \"{}\"\n", recipe.schedule);
  return text;
}

std::string recipe_pytorch(const ScaledRecipe& scaled) {
  std::string text = fmt::format("{}\noptimizer = {}\n", loader_comment(scaled.recipe.batch),
                                 pytorch_optimizer(scaled.recipe));
  if (scaled.recipe.ema) {
    text += fmt::format("# average of the weights: decay={:.10g}\n", *scaled.recipe.ema);
  }
  append_schedulers(text, scaled);
  return text;
}

}  // namespace etalon::cli
