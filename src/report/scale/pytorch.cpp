// A scaled recipe as lines of Python for PyTorch.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "report/scale/plain_number.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon {
namespace {

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

// Steps of the durations that a field of this name records, where they could be computed.
std::vector<std::int64_t> recorded_steps(const ScaledRecipe& scaled, std::string_view field) {
  std::vector<std::int64_t> steps;
  for (const FieldChange& change : scaled.fields) {
    if (change.field == field) steps.push_back(whole_steps(change.new_value));
  }
  return steps;
}

// The lines that move the learning rate; a scheduler is stepped after each update.
class Schedulers {
 public:
  explicit Schedulers(const ScaledRecipe& scaled)
      : scaled_(scaled),
        recipe_(scaled.recipe),
        warmup_(first("warmup_steps")),
        budget_(first("steps")),
        every_(first("step_every_steps")),
        milestones_(recorded_steps(scaled, "milestone_steps")) {
    const auto end = recipe_.decay_end ? first("decay_end_steps") : budget_;
    if (end) length_ = std::max<std::int64_t>(1, *end - warmup_.value_or(0));
  }

  std::string write() {
    if (!missing().empty()) {
      print("# schedule {}: {}\n", recipe_.schedule, missing());
    } else {
      write_warmup();
      write_decay();
    }
    if (budget_) print("# train for {} steps\n", *budget_);
    return std::move(text_);
  }

 private:
  static constexpr const char* kModule = "torch.optim.lr_scheduler.";

  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  std::optional<std::int64_t> first(std::string_view field) const {
    const auto steps = recorded_steps(scaled_, field);
    return steps.empty() ? std::nullopt : std::optional(steps.front());
  }

  bool decays() const { return !recipe_.schedule.empty() && recipe_.schedule != "constant"; }

  // What the user must give before the lines can be written; empty where nothing lacks.
  std::string missing() const {
    if (!decays()) return "";
    const bool needs_length = recipe_.schedule != "step" && recipe_.schedule != "plateau";
    if (needs_length && !recipe_.budget && !recipe_.decay_end) {
      return "give --epochs, --steps or --examples to have its lines";
    }
    const bool epochs = (needs_length && !length_) || (recipe_.warmup && !warmup_) ||
                        (recipe_.step_every && !every_) ||
                        milestones_.size() != recipe_.milestones.size();
    return epochs ? "give --dataset-size to have its lines in steps" : "";
  }

  double floor() const { return recipe_.schedule_settings.floor.value_or(0.0); }
  std::string lr_share(double share) const { return plain_number(share * recipe_.lr); }

  // Cycles run beneath a warm-up, and CyclicLR beneath nothing.
  bool cycles_beneath() const { return recipe_.schedule == "cyclical" && warmup_; }
  bool warms_constantly() const { return recipe_.schedule_settings.warmup_kind == "constant"; }
  double start_factor() const { return warmup_start(scaled_); }

  void write_warmup() {
    if (!warmup_ || cycles_beneath()) return;
    const bool alone = !decays() || recipe_.schedule == "plateau";
    print("{} = {}{}(optimizer, {}={:.6g}, total_iters={}){}\n", decays() ? "warmup" : "scheduler",
          kModule, warms_constantly() ? "ConstantLR" : "LinearLR",
          warms_constantly() ? "factor" : "start_factor",
          warms_constantly() ? start_factor() : std::max(start_factor(), 1e-8),  // it takes no 0
          *warmup_, alone ? "  # per step" : "");
  }

  void write_decay() {
    if (!decays()) return;
    if (recipe_.schedule == "plateau") {
      print("plateau = {}  # plateau.step(loss) after each evaluation\n", plateau());
      return;
    }
    const bool is_all = !warmup_ || cycles_beneath();
    if (recipe_.schedule_settings.decay_form == "cosine") print("import math\n");
    print("{} = {}{}{}\n", is_all ? "scheduler" : "decay", kModule, decay(),
          is_all ? "  # per step" : "");
    if (is_all) return;
    if (recipe_.schedule == "step") {
      print("scheduler = {}ChainedScheduler([warmup, decay])  # per step\n", kModule);
    } else {
      print("scheduler = {}SequentialLR(optimizer, [warmup, decay], milestones=[{}])  # per step\n",
            kModule, *warmup_);
    }
  }

  std::string plateau() const {
    const ScheduleSettings& settings = recipe_.schedule_settings;
    return fmt::format(
        "{}ReduceLROnPlateau(optimizer, factor={:.12g}, patience={:.0f}, threshold={:.12g}, "
        "cooldown={:.0f}, min_lr={}, eps=0)",
        kModule, settings.plateau_factor.value_or(0.1), settings.plateau_patience.value_or(2),
        settings.plateau_threshold.value_or(1e-4), settings.plateau_cooldown.value_or(0),
        lr_share(floor()));
  }

  // The scheduler's name and arguments, over `length_` steps.
  std::string decay() const {
    const std::string& name = recipe_.schedule;
    const ScheduleSettings& settings = recipe_.schedule_settings;
    const auto length = static_cast<double>(length_.value_or(1));
    if (every_) {
      return fmt::format("StepLR(optimizer, step_size={}, gamma={:.12g})",
                         std::max<std::int64_t>(1, *every_), settings.gamma.value_or(0.1));
    }
    if (name == "step") {
      return fmt::format("MultiStepLR(optimizer, milestones=[{}], gamma={:.12g})",
                         fmt::join(milestones_, ", "), settings.gamma.value_or(0.1));
    }
    if (name == "exponential") {
      return fmt::format("ExponentialLR(optimizer, gamma={:.12g})",
                         std::pow(floor(), 1.0 / length));
    }
    if (name == "linear") {
      return fmt::format(
          "LinearLR(optimizer, start_factor=1.0, end_factor={:.12g}, total_iters={})", floor(),
          length);
    }
    if (name == "polynomial") return polynomial(length);
    if (name == "cosine") {
      return fmt::format("CosineAnnealingLR(optimizer, T_max={}, eta_min={})", length,
                         lr_share(floor()));
    }
    if (name == "warm-restarts") {
      return warm_restarts(length);
    }
    if (name == "wsd") return stable_decay(length);
    if (name == "one-cycle") return one_cycle(length);
    return cyclical(length);
  }

  double cycles() const { return recipe_.schedule_settings.cycles.value_or(4); }

  std::string warm_restarts(double length) const {
    const double growth = recipe_.schedule_settings.cycle_growth.value_or(1);
    double parts = 0;  // of the first cycle's length
    for (int i = 0; i < cycles(); ++i) parts = 1 + growth * parts;
    return fmt::format("CosineAnnealingWarmRestarts(optimizer, T_0={:.0f}, {}eta_min={})",
                       std::max(1.0, std::round(length / parts)),
                       growth > 1 ? fmt::format("T_mult={:.0f}, ", growth) : "", lr_share(floor()));
  }

  std::string cyclical(double length) const {
    const ScheduleSettings& settings = recipe_.schedule_settings;
    const double cycle =
        (cycles_beneath() ? length + static_cast<double>(*warmup_) : length) / cycles();
    const double gamma = std::pow(settings.gamma.value_or(0.1), 1 / cycle);
    const bool halves = settings.cycle_mode == "halving";
    const bool fades = settings.cycle_mode == "exponential";
    if (!cycles_beneath()) {
      const std::string mode = halves  ? ", mode='triangular2'"
                               : fades ? fmt::format(", mode='exp_range', gamma={:.12g}", gamma)
                                       : "";
      return fmt::format(
          "CyclicLR(optimizer, base_lr={}, max_lr={}, step_size_up={:.12g}{}, "
          "cycle_momentum=False)",
          lr_share(floor()), lr_share(1.0), cycle / 2, mode);
    }
    const std::string height = halves  ? fmt::format(" * 0.5 ** (t // {:.12g})", cycle)
                               : fades ? fmt::format(" * {:.12g} ** t", gamma)
                                       : "";
    return fmt::format(
        "LambdaLR(optimizer, lambda t: {} * ({:.12g} + {:.12g} * "
        "(1 - abs(t % {:.12g} / {:.12g} - 1)){}))",
        warmup_factor(), floor(), 1 - floor(), cycle, cycle / 2, height);
  }

  std::string warmup_factor() const {
    if (warms_constantly())
      return fmt::format("({:.12g} if t < {} else 1)", start_factor(), *warmup_);
    return fmt::format("({:.12g} + {:.12g} * min(1, t / {}))", start_factor(), 1 - start_factor(),
                       *warmup_);
  }

  std::string polynomial(double length) const {
    const double power = recipe_.schedule_settings.decay_power.value_or(2.0);
    if (floor() == 0.0) {
      return fmt::format("PolynomialLR(optimizer, total_iters={}, power={:.12g})", length, power);
    }
    return fmt::format(
        "LambdaLR(optimizer, lambda t: {0:.12g} + {1:.12g} * "
        "(1 - min(t, {2}) / {2}) ** {3:.12g})",
        floor(), 1 - floor(), length, power);
  }

  std::string stable_decay(double length) const {
    const double decay = recipe_.schedule_settings.decay_share.value_or(0.2) * length;
    const std::string done =
        fmt::format("min(1, max(0, t - {:.12g}) / {:.12g})", length - decay, decay);
    const std::string& form = recipe_.schedule_settings.decay_form;
    const std::string fallen = form == "cosine"
                                   ? fmt::format("(1 - math.cos(math.pi * {})) / 2", done)
                               : form == "one-minus-sqrt" ? fmt::format("{} ** 0.5", done)
                                                          : done;
    return fmt::format("LambdaLR(optimizer, lambda t: 1 - {:.12g} * {})", 1 - floor(), fallen);
  }

  // Its momentum cycles too, where the optimizer has one.
  std::string one_cycle(double length) const {
    const bool momentum = recipe_.momentum.value_or(0.0) > 0 || recipe_.beta1;
    return fmt::format("OneCycleLR(optimizer, max_lr={}, total_steps={}, pct_start={:.12g}{})",
                       lr_share(1.0), length + 1, (0.3 * length + 1) / (length + 1),
                       momentum ? "" : ", cycle_momentum=False");
  }

  const ScaledRecipe& scaled_;
  const Recipe& recipe_;
  std::optional<std::int64_t> warmup_, budget_, length_, every_;
  std::vector<std::int64_t> milestones_;
  std::string text_;
};

}  // namespace

std::string recipe_pytorch(const ScaledRecipe& scaled) {
  std::string text = fmt::format("{}\noptimizer = {}\n", loader_comment(scaled.recipe.batch),
                                 pytorch_optimizer(scaled.recipe));
  if (scaled.recipe.ema) {
    text += fmt::format("# average of the weights: decay={:.10g}\n", *scaled.recipe.ema);
  }
  return text + Schedulers(scaled).write();
}

}  // namespace etalon
