// A scaled recipe as TOML, for `etalon train`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "etalon/error.hpp"
#include "report/scale/plain_number.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon {
namespace {

// TOML takes "4" for an integer.
std::string toml_float(double value) {
  std::string text = plain_number(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string toml_amount(const Duration& duration) {
  if (duration.unit == DurationUnit::epochs) return toml_float(duration.amount);
  return fmt::format("{}", whole_steps(duration.amount));
}

// Whole numbers of steps or examples stay in order where rounding would make them equal.
std::vector<std::string> toml_milestones(const std::vector<Duration>& milestones) {
  std::vector<std::string> amounts;
  std::int64_t last = 0;
  for (const Duration& milestone : milestones) {
    last = std::max(last + 1, whole_steps(milestone.amount));
    const bool whole = milestone.unit != DurationUnit::epochs;
    amounts.push_back(whole ? std::to_string(last) : toml_amount(milestone));
  }
  return amounts;
}

class RecipeTomlWriter {
 public:
  explicit RecipeTomlWriter(const ScaledRecipe& scaled) : scaled_(scaled), recipe_(scaled.recipe) {}

  std::string write() {
    write_comments();
    write_batch();
    write_optimizer();
    write_schedule();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void add(std::string_view name, const std::optional<double>& value) {
    if (value) print("{} = {}\n", name, toml_float(*value));
  }
  void add(const char* prefix, const std::optional<Duration>& duration) {
    if (duration) print("{}{} = {}\n", prefix, to_string(duration->unit), toml_amount(*duration));
  }

  void write_comments() {
    print("# etalon scale: rule {}, κ = {:.6g}\n# {}\n# {}\n", scaled_.rule.name, scaled_.kappa,
          scaled_.rule.formula, scaled_.rule.source);
    for (const std::string& warning : scaled_.warnings) print("# warning: {}\n", warning);
  }

  void write_batch() {
    print("batch_size = {}\nmicro_batch = {}\naccumulation = {}\nreplicas = {}\n",
          recipe_.batch.global(), recipe_.batch.micro_batch, recipe_.batch.accumulation,
          recipe_.batch.replicas);
  }

  void write_optimizer() {
    print("optimizer = \"{}\"\n", to_string(recipe_.optimizer));
    add("lr", recipe_.lr);
    add("momentum", recipe_.momentum);
    add("beta1", recipe_.beta1);
    add("beta2", recipe_.beta2);
    add("eps", recipe_.eps);
    add("weight_decay", recipe_.weight_decay);
    add("ema", recipe_.ema);
  }

  void write_schedule() {
    add("warmup_", recipe_.warmup);
    if (recipe_.warmup && warmup_start(scaled_) > 0) add("warmup_start", warmup_start(scaled_));
    add("", recipe_.budget);
    if (!recipe_.milestones.empty()) {
      print("milestone_{} = [{}]\n", to_string(recipe_.milestones.front().unit),
            fmt::join(toml_milestones(recipe_.milestones), ", "));
    }
    if (!recipe_.schedule.empty()) print("schedule = \"{}\"\n", recipe_.schedule);
    add("step_every_", recipe_.step_every);
    add("decay_end_", recipe_.decay_end);
    for (const ScheduleChoice& choice : schedule_choice_list()) {
      const std::string& value = recipe_.schedule_settings.*choice.value;
      if (!value.empty()) print("{} = \"{}\"\n", choice.name, value);
    }
    for (const ScheduleSetting& setting : schedule_setting_list()) {
      const std::optional<double> value = recipe_.schedule_settings.*setting.value;
      if (value && counts(setting.name)) {
        print("{} = {:.0f}\n", setting.name, *value);
      } else {
        add(setting.name, value);
      }
    }
  }

  // Flags that take whole numbers.
  static bool counts(std::string_view name) {
    return name == "cycles" || name == "cycle_growth" || name == "plateau_patience" ||
           name == "plateau_cooldown";
  }

  const ScaledRecipe& scaled_;
  const Recipe& recipe_;
  std::string text_;
};

}  // namespace

double warmup_start(const ScaledRecipe& scaled) {
  const bool from_base = scaled.rule.name == "linear" && scaled.kappa > 1;
  return scaled.recipe.warmup_start.value_or(from_base ? 1 / scaled.kappa : 0.0);
}

std::string recipe_toml(const ScaledRecipe& scaled) {
  if (scaled.recipe.eps == 0.0) {
    throw InputError("eps is 0, with which etalon train does not divide", "", "give --eps above 0");
  }
  return RecipeTomlWriter(scaled).write();
}

}  // namespace etalon
