#include "cli/target_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/number_checks.hpp"
#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kRates = "examples_per_second";
constexpr const char* kPrices = "cost_per_hour";

Hardware read_hardware(const std::string& rates, const std::string& prices) {
  Hardware hardware;
  hardware.examples_per_second = batch_numbers(rates, kRates);
  hardware.cost_per_hour = parse_number(prices);
  if (!hardware.cost_per_hour) hardware.cost_per_hour_at = batch_numbers(prices, kPrices);
  hardware.validate();
  return hardware;
}

std::string prices_text(const Hardware& hardware) {
  return hardware.cost_per_hour ? fmt::format("{}", *hardware.cost_per_hour)
                                : batch_numbers_text(hardware.cost_per_hour_at);
}

void check_are_studied(const std::map<std::int64_t, double>& numbers, const char* field,
                       const std::vector<std::int64_t>& batch_sizes) {
  for (const auto& [batch_size, number] : numbers) {
    if (std::find(batch_sizes.begin(), batch_sizes.end(), batch_size) != batch_sizes.end())
      continue;
    throw InputError(
        fmt::format("{} has batch size {}, which is not studied", field_name(field), batch_size),
        "", fmt::format("give those of {}", fmt::join(batch_sizes, ", ")));
  }
}

std::string kept_text(const StudyFile& study, const char* name) {
  const auto found = study.meta.find(name);
  return found == study.meta.end() ? "" : found->second;
}

}  // namespace

void add_target_flags(CLI::App& app, const std::string& group, Target& target) {
  auto* loss = app.add_option("--target-loss", target.loss,
                              "Instead of the loss at the end of the budget, minimize the steps to "
                              "this validation loss");
  auto* accuracy =
      app.add_option("--target-accuracy", target.accuracy, "The same to this accuracy");
  CLI::Option* objective = app.get_option_no_throw("--objective");
  for (CLI::Option* option : {loss, accuracy}) {
    option->check(real_number())->group(group);
    if (objective != nullptr) option->excludes(objective);
  }
  accuracy->excludes(loss);
}

void add_hardware_flags(CLI::App& app, const std::string& group, HardwareFlags& flags) {
  app.add_option("--examples-per-second", flags.examples_per_second,
                 "Of your hardware by batch size, as 32=1800,256=9000: says how long the target "
                 "takes; default what the trials took here")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group(group);
  app.add_option("--cost-per-hour", flags.cost_per_hour,
                 "Of that hardware, a number, or by batch size as 32=1.2,256=9.6: says what the "
                 "target costs")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->group(group);
}

Hardware hardware_of(const HardwareFlags& flags, const std::vector<std::int64_t>& batch_sizes,
                     bool has_target) {
  if (!flags.are_given()) return {};
  Hardware hardware = read_hardware(fmt::format("{}", fmt::join(flags.examples_per_second, ",")),
                                    fmt::format("{}", fmt::join(flags.cost_per_hour, ",")));
  if (!has_target) {
    const char* field = flags.cost_per_hour.empty() ? kRates : kPrices;
    throw InputError(fmt::format("{} is given without a target", field_name(field)), "",
                     "add --target-loss or --target-accuracy");
  }
  check_are_studied(hardware.examples_per_second, kRates, batch_sizes);
  check_are_studied(hardware.cost_per_hour_at, kPrices, batch_sizes);
  return hardware;
}

Hardware kept_hardware(const HardwareFlags& flags, const std::vector<std::int64_t>& batch_sizes,
                       bool has_target, SqliteStore& store) {
  if (!flags.are_given()) {
    return read_hardware(store.meta(kRates).value_or(""), store.meta(kPrices).value_or(""));
  }
  Hardware hardware = hardware_of(flags, batch_sizes, has_target);
  store.set_meta(kRates, batch_numbers_text(hardware.examples_per_second));
  store.set_meta(kPrices, prices_text(hardware));
  return hardware;
}

Hardware stored_hardware(const StudyFile& study) {
  return read_hardware(kept_text(study, kRates), kept_text(study, kPrices));
}

}  // namespace etalon::cli
