// A scaled recipe as TOML, for `etalon train` and for `etalon scale` again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <vector>

#include "core/plain_number.hpp"
#include "etalon/error.hpp"
#include "report/scale/comment.hpp"
#include "report/scale/scale_answer.hpp"
#include "schedule/schedule_table.hpp"

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
  return fmt::format("{:.0f}", duration.amount);
}

// A setting of the schedule as a line.
struct SettingToml {
  const ScheduleOptions& options;
  std::string_view name;

  std::string operator()(const NumberSetting& number) const {
    return fmt::format("{} = {}\n", name, toml_float(*(options.*number.value)));
  }
  std::string operator()(const CountSetting& count) const {
    return fmt::format("{} = {}\n", name, *(options.*count.value));
  }
  std::string operator()(const WordSetting& word) const {
    return fmt::format("{} = \"{}\"\n", name, options.*word.value);
  }
  std::string operator()(const LengthSetting& length) const {
    const Duration& duration = *(options.*length.value);
    return fmt::format("{}_{} = {}\n", name, to_string(duration.unit), toml_amount(duration));
  }
  std::string operator()(const LengthsSetting& lengths) const {
    const std::vector<Duration>& all = options.*lengths.value;
    std::vector<std::string> amounts;
    amounts.reserve(all.size());
    for (const Duration& each : all) amounts.push_back(toml_amount(each));
    return fmt::format("{}_{} = [{}]\n", name, to_string(all.front().unit),
                       fmt::join(amounts, ", "));
  }
};

class RecipeTomlWriter {
 public:
  explicit RecipeTomlWriter(const ScaledRecipe& scaled)
      : scaled_(scaled), recipe_(written_recipe(scaled)) {}

  std::string write() {
    text_ = rule_comment(scaled_);
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

  void write_batch() {
    print("batch_size = {}\nmicro_batch = {}\naccumulation = {}\nreplicas = {}\n",
          recipe_.batch.global(), recipe_.batch.micro_batch, recipe_.batch.accumulation,
          recipe_.batch.replicas);
  }

  void write_lrs() {
    if (recipe_.group_lrs.empty()) return add("lr", recipe_.lr);
    std::vector<std::string> lrs = {toml_float(recipe_.lr)};
    for (const double lr : recipe_.group_lrs) lrs.push_back(toml_float(lr));
    print("lr = [{}]\n", fmt::join(lrs, ", "));
  }

  void write_optimizer() {
    print("optimizer = \"{}\"\n", to_string(recipe_.optimizer));
    write_lrs();
    add("momentum", recipe_.momentum);
    add("beta1", recipe_.beta1);
    add("beta2", recipe_.beta2);
    add("eps", recipe_.eps);
    add("weight_decay", recipe_.weight_decay);
    add("ema", recipe_.ema);
  }

  void write_schedule() {
    if (recipe_.budget) {
      print("{} = {}\n", to_string(recipe_.budget->unit), toml_amount(*recipe_.budget));
    }
    const ScheduleOptions& schedule = recipe_.schedule;
    if (!schedule.name.empty()) print("schedule = \"{}\"\n", schedule.name);
    for (const ScheduleSetting& setting : all_schedule_settings()) {
      if (setting.is_given(schedule)) {
        text_ += std::visit(SettingToml{schedule, setting.name}, setting.kind);
      }
    }
  }

  const ScaledRecipe& scaled_;
  const Recipe recipe_;
  std::string text_;
};

}  // namespace

std::string recipe_toml(const ScaleAnswer& answer) {
  const ScaledRecipe& scaled = answer.targets.front().rules.front();
  if (scaled.recipe.eps == 0.0) {
    throw InputError(
        fmt::format("{} is 0, with which etalon train does not divide", field_name("eps")), "",
        "give one above 0");
  }
  return RecipeTomlWriter(scaled).write();
}

}  // namespace etalon
