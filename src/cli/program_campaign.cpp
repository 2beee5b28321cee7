#include "cli/program_campaign.hpp"

#include <fmt/format.h>

#include <cmath>

#include "cli/program_flags.hpp"
#include "cli/target_flags.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/program.hpp"

namespace etalon::cli {
namespace {

double read_share(const std::string& text, const char* flag) {
  const auto read = read_number_or_share(text);
  if (read && read->value > 0.0 && read->value < 1.0) return read->value;
  throw InputError(fmt::format("{} is '{}'", flag, shortened(text)), "",
                   "give a share above 0 and below 1, as 25% or 0.25");
}

std::optional<PruningOptions> pruning_options(const ProgramStudyFlags& flags) {
  const double grace = read_share(flags.prune_grace, "--prune-grace");
  if (flags.prune == "off") return std::nullopt;
  if (flags.target.is_any()) {
    throw InputError("--prune is given with a target", "",
                     "leave it out: a trial ends where it comes to the target");
  }
  const bool median = flags.prune == "median";
  return PruningOptions{median ? PruningRule::median : PruningRule::halving, grace};
}

// Where the search starts: what is known at the base, moved halfway between leaving it and
// scaling it with the batch size.
double first_lr_of(const ProgramStudyFlags& flags, const OptimizerInfo& optimizer,
                   std::int64_t first_batch_size) {
  if (!flags.lr) return optimizer.first_lr;
  if (!flags.base_batch_size) return *flags.lr;
  return *flags.lr * std::sqrt(static_cast<double>(first_batch_size) /
                               static_cast<double>(*flags.base_batch_size));
}

constexpr const char* kTolerance = "1%";

// Of a target a share is one of the steps already.
NumberOrShare asked_tolerance(const ProgramStudyFlags& flags) {
  const bool has_target = flags.target.is_any();
  const std::string otherwise =
      has_target ? fmt::format("{}", kToleranceOfSteps) : std::string(kTolerance);
  NumberOrShare tolerance = read_tolerance(flags.tolerance.value_or(otherwise));
  if (has_target) tolerance.is_share = false;
  return tolerance;
}

}  // namespace

std::string tolerance_text(const ProgramStudyFlags& flags) {
  const NumberOrShare tolerance = asked_tolerance(flags);
  return tolerance.is_share ? flags.tolerance.value_or(kTolerance)
                            : fmt::format("{}", tolerance.value);
}

CampaignOptions campaign_options(const ProgramStudyFlags& flags) {
  CampaignOptions options = flags.campaign;
  const OptimizerInfo& optimizer = *find_optimizer(flags.settings.optimizer);
  options.ask.batch_sizes = asked_batch_sizes(flags);
  options.ask.update = optimizer.update;
  options.ask.first_lr = first_lr_of(flags, optimizer, options.ask.batch_sizes.front());
  if (flags.hours && !(*flags.hours > 0)) {
    throw InputError(fmt::format("--hours is {}", *flags.hours), "", "it must be above 0");
  }
  if (flags.hours) options.seconds = *flags.hours * 3600.0;
  const NumberOrShare tolerance = asked_tolerance(flags);
  options.tolerance = tolerance.value;
  options.tolerance_is_relative = tolerance.is_share;
  options.pruning = pruning_options(flags);
  options.may_pass = [](const TrialResult& result) {
    return failure_kind(result) == FailureKind::error;
  };
  options.is_too_large = [](const TrialResult& result) {
    return failure_kind(result) == FailureKind::out_of_memory;
  };
  options.too_large_remedy = "--micro-batch makes it of smaller passes, where the program can";
  options.validate();
  return options;
}

}  // namespace etalon::cli
