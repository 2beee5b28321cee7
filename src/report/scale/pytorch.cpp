// A scaled recipe as lines of Python for PyTorch.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/plain_number.hpp"
#include "report/scale/comment.hpp"
#include "report/scale/pytorch_schedule.hpp"
#include "report/scale/scale_answer.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon {
namespace {

// "name(a, b)", with the arguments in lines of their own where it is too long.
std::string python_call(const std::string& name, const std::vector<std::string>& arguments) {
  const std::string line = fmt::format("{}({})", name, fmt::join(arguments, ", "));
  if (line.size() <= kCodeWidth) return line + "\n";
  std::string text = name + "(\n";
  std::string rest = fmt::format("{})", fmt::join(arguments, ", "));
  for (const std::string& part : wrap(rest, kCodeWidth - 4)) {
    text += fmt::format("    {}\n", part);
  }
  return text;
}

// One group of parameters, or several with a rate each.
std::vector<std::string> parameter_arguments(const Recipe& recipe) {
  if (recipe.group_lrs.empty()) return {"params", fmt::format("lr={:.6g}", recipe.lr)};
  std::string groups = fmt::format(R"([{{"params": params_1, "lr": {:.6g}}})", recipe.lr);
  for (std::size_t i = 0; i < recipe.group_lrs.size(); ++i) {
    groups += fmt::format(R"(, {{"params": params_{}, "lr": {:.6g}}})", i + 2, recipe.group_lrs[i]);
  }
  return {groups + "]"};
}

class OptimizerArguments {
 public:
  explicit OptimizerArguments(const Recipe& recipe)
      : recipe_(recipe), arguments_(parameter_arguments(recipe)) {}

  OptimizerArguments& momentum() {
    if (recipe_.momentum) add(fmt::format("momentum={:.10g}", *recipe_.momentum));
    return *this;
  }
  OptimizerArguments& betas() {
    return add(fmt::format("betas=({:.10g}, {:.10g})", *recipe_.beta1, *recipe_.beta2));
  }
  OptimizerArguments& alpha() { return add(fmt::format("alpha={:.10g}", *recipe_.beta2)); }
  OptimizerArguments& eps() { return add(fmt::format("eps={:.6g}", *recipe_.eps)); }
  OptimizerArguments& add(std::string argument) {
    arguments_.push_back(std::move(argument));
    return *this;
  }
  std::vector<std::string> take() {
    if (recipe_.weight_decay) add(fmt::format("weight_decay={:.6g}", *recipe_.weight_decay));
    return std::move(arguments_);
  }

 private:
  const Recipe& recipe_;
  std::vector<std::string> arguments_;
};

std::string optimizer_lines(const Recipe& recipe) {
  OptimizerArguments arguments(recipe);
  const std::string own =
      fmt::format("# PyTorch has no {}: bring your own\n", to_string(recipe.optimizer));
  switch (recipe.optimizer) {
    case OptimizerFamily::sgd:
    case OptimizerFamily::momentum:
      return python_call("optimizer = torch.optim.SGD", arguments.momentum().take());
    case OptimizerFamily::nesterov:
      return python_call("optimizer = torch.optim.SGD",
                         arguments.momentum().add("nesterov=True").take());
    case OptimizerFamily::adam:
      return python_call("optimizer = torch.optim.Adam", arguments.betas().eps().take());
    case OptimizerFamily::adamw:
      return python_call("optimizer = torch.optim.AdamW", arguments.betas().eps().take());
    case OptimizerFamily::rmsprop:
      return python_call("optimizer = torch.optim.RMSprop",
                         arguments.alpha().eps().momentum().take());
    case OptimizerFamily::lars:
      return own + python_call("optimizer = LARS", arguments.momentum().take());
    case OptimizerFamily::lamb:
      return own + python_call("optimizer = LAMB", arguments.betas().eps().take());
    case OptimizerFamily::lion:
      return own + python_call("optimizer = Lion", arguments.betas().take());
    case OptimizerFamily::adafactor:
      return comment("that of the package transformers: PyTorch's takes η times the size of w") +
             python_call("optimizer = transformers.Adafactor",
                         arguments.add("scale_parameter=False").add("relative_step=False").take());
    case OptimizerFamily::muon:
      return comment(
                 "PyTorch has no muon with AdamW for what is no hidden matrix: bring your "
                 "own") +
             python_call("optimizer = Muon", arguments.momentum().betas().eps().take());
  }
  return "";
}

std::string loader_comment(const BatchShape& batch) {
  const std::string loader = fmt::format("DataLoader(batch_size={})", batch.micro_batch);
  std::string text =
      batch.replicas == 1 ? loader : fmt::format("each of {} replicas: {}", batch.replicas, loader);
  if (batch.accumulation > 1) {
    text += fmt::format("; loss / {0}, then step() every {0} micro-batches", batch.accumulation);
  }
  return comment(text);
}

MomentumPlace momentum_place(const Recipe& recipe) {
  if (recipe.momentum.value_or(0.0) > 0.0) return MomentumPlace::momentum;
  return recipe.beta1 ? MomentumPlace::betas : MomentumPlace::none;
}

// The scheduler's lines, or why there are none.
class SchedulerLines {
 public:
  SchedulerLines(const Recipe& recipe, const ScaleOptions& options)
      : recipe_(recipe),
        options_(options),
        kind_(*find_schedule_kind(recipe.schedule.schedule())),
        steps_(steps_of(recipe.budget)) {
    if (steps_) steps_ = steps_of_budget(*steps_);
  }

  std::string write() const {
    const std::string obstacle = find_obstacle();
    std::string text = obstacle.empty() ? scheduler() : comment(obstacle);
    if (steps_) text += comment(fmt::format("train for {:.0f} steps", *steps_));
    return text;
  }

 private:
  std::optional<double> steps_of(const std::optional<Duration>& duration) const {
    if (!duration) return std::nullopt;
    return in_unit(*duration, DurationUnit::steps, static_cast<double>(recipe_.batch.global()),
                   options_.dataset_size);
  }

  std::string named() const {
    if (!kind_.fills_budget && kind_.name == "constant") return "the warm-up";
    return fmt::format("schedule {}", kind_.name);
  }

  bool is_known(const Duration& duration) const { return steps_of(duration).has_value(); }

  // Whether every length of the schedule can be counted in steps.
  bool are_lengths_known() const {
    const ScheduleOptions& schedule = recipe_.schedule;
    const auto known = [this](const std::optional<Duration>& length) {
      return !length || is_known(*length);
    };
    return known(schedule.warmup) && known(schedule.step_every) && known(schedule.decay_end) &&
           known(schedule.decay_scale) &&
           std::all_of(schedule.milestones.begin(), schedule.milestones.end(),
                       [this](const Duration& each) { return is_known(each); });
  }

  std::string find_obstacle() const {
    const ScheduleOptions& schedule = recipe_.schedule;
    const bool lacks_budget = kind_.fills_budget && !schedule.decay_end;
    if (lacks_budget && !recipe_.budget) {
      return fmt::format("no lines for {}: give --epochs, --steps or --examples", named());
    }
    if (!are_lengths_known() || (lacks_budget && !steps_)) {
      return fmt::format("no lines for {}: it is counted in epochs, so give --dataset-size",
                         named());
    }
    return warmup_obstacle();
  }

  // etalon train refuses such a warm-up.
  std::string warmup_obstacle() const {
    const auto warmup = steps_of(recipe_.schedule.warmup);
    if (!warmup) return "";
    double end = steps_.value_or(INFINITY);
    if (const auto decay_end = steps_of(recipe_.schedule.decay_end)) {
      end = std::min(end, *decay_end);
    }
    if (*warmup < end) return "";
    return fmt::format("no lines for {}: the warm-up takes {:.6g} steps of {:.6g}; shorten it",
                       named(), *warmup, end);
  }

  std::string scheduler() const {
    const Schedule fitted = fit_schedule(recipe_.schedule, recipe_.lr,
                                         {steps_, recipe_.batch.global(), options_.dataset_size});
    std::string text = pytorch_schedule(fitted, momentum_place(recipe_));
    const bool plateau = recipe_.schedule.is_plateau();
    if (!text.empty()) text += plateau ? plateau_warmup_comment(fitted) : step_comment();
    return plateau ? text + plateau_lines() : text;
  }

  static std::string step_comment() {
    return "# scheduler.step() after each update, once whatever the number of processes:\n"
           "# with accelerate, Accelerator(step_scheduler_with_optimizer=False)\n";
  }

  static std::string plateau_warmup_comment(const Schedule& fitted) {
    return comment(fmt::format(
        "scheduler.step() after each of the first {:.0f} updates and not later: from then on the "
        "plateau has the rate",
        std::ceil(fitted.warmup.length)));
  }

  std::string plateau_lines() const {
    const PlateauOptions plateau = plateau_options(recipe_.schedule, recipe_.lr);
    return python_call("plateau = torch.optim.lr_scheduler.ReduceLROnPlateau",
                       {"optimizer", fmt::format("factor={}", plateau.factor),
                        fmt::format("patience={}", plateau.patience),
                        fmt::format("threshold={}", plateau.threshold),
                        fmt::format("cooldown={}", plateau.cooldown),
                        fmt::format("min_lr={}", plain_number(plateau.min_lr)), "eps=0"}) +
           comment(fmt::format("plateau.step(loss) after each evaluation{}",
                               recipe_.schedule.warmup ? " from then on" : ""));
  }

  const Recipe& recipe_;
  const ScaleOptions& options_;
  const ScheduleKind& kind_;
  std::optional<double> steps_;
};

}  // namespace

std::string pytorch_lines(const ScaledRecipe& scaled, const ScaleOptions& options) {
  const Recipe recipe = written_recipe(scaled);
  const std::string scheduler = SchedulerLines(recipe, options).write();
  std::string text = loader_comment(recipe.batch);
  if (scheduler.find("math.") != std::string::npos) text += "import math\n\n";
  text += optimizer_lines(recipe);
  if (recipe.ema) {
    text += comment(fmt::format("average of the weights: decay {:.10g} per step", *recipe.ema));
  }
  return text + scheduler;
}

std::string recipe_pytorch(const ScaleAnswer& answer) {
  const ScaledRecipe& scaled = answer.targets.front().rules.front();
  std::string text = rule_comment(scaled);
  for (const std::string& note : answer.notes) text += comment(fmt::format("note: {}", note));
  return text + pytorch_lines(scaled, answer.options);
}

}  // namespace etalon
