// etalon observe: what a run came to, whether it was suggested or not.
#include <fmt/format.h>

#include <string>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/ask_tell.hpp"
#include "etalon/error.hpp"
#include "report/ask/ask_output.hpp"

namespace etalon::cli {
namespace {

struct ObserveFlags {
  std::string study;
  std::optional<std::int64_t> trial, batch_size;
  std::optional<double> lr, loss;
  std::uint64_t seed = 1;
  bool diverged = false, pruned = false, failed = false, replace = false;
};

void add_observe_flags(CLI::App& app, ObserveFlags& flags) {
  app.add_option("STUDY", flags.study, "Directory or .db file")->required();
  auto* trial = app.add_option("--trial", flags.trial, "The number that etalon suggest gave")
                    ->check(whole_number());
  auto* batch_size = app.add_option("--batch-size", flags.batch_size, "Of a run not suggested")
                         ->check(whole_number())
                         ->excludes(trial);
  auto* lr = app.add_option("--lr", flags.lr, "Of a run not suggested")
                 ->check(real_number())
                 ->excludes(trial);
  batch_size->needs(lr);
  lr->needs(batch_size);
  app.add_option("--seed", flags.seed, "Of a run not suggested")
      ->check(natural_number())
      ->capture_default_str()
      ->needs(lr);
  auto* loss = app.add_option("--loss", flags.loss, "What it came to; nan and inf are divergence")
                   ->check(real_number());
  auto* diverged = app.add_flag("--diverged", flags.diverged, "It diverged")->excludes(loss);
  auto* pruned = app.add_flag("--pruned", flags.pruned,
                              "You stopped it early, since it did worse than the best")
                     ->excludes(loss)
                     ->excludes(diverged);
  app.add_flag("--failed", flags.failed,
               "It crashed; the trial is suggested again, as often as --retries of suggest says")
      ->excludes(loss)
      ->excludes(diverged)
      ->excludes(pruned);
  app.add_flag("--replace", flags.replace, "Although another value is there already");
}

// Prints the trial as it is stored, and says where it is not going to be suggested again.
void print_told(const AskTell& study, const AskedTrial& trial) {
  fmt::print("{}\n", plain_trial(trial));
  if (trial.state != TrialState::failed) return;
  for (const AskedTrial& gone : study.given_up()) {
    if (gone.id != trial.id) continue;
    print_message(
        fmt::format("etalon: trial {} was tried {} time{} and failed: it is not suggested again",
                    trial.id, trial.attempts, trial.attempts == 1 ? "" : "s"));
  }
}

TrialOutcome outcome_of(const ObserveFlags& flags) {
  if (flags.loss) return TrialOutcome::of_loss(*flags.loss);
  if (flags.diverged) return {TrialState::diverged, {}};
  if (flags.pruned) return {TrialState::pruned, {}};
  if (flags.failed) return {TrialState::failed, {}};
  throw InputError("nothing is said of what the run came to", "",
                   "give one of --loss, --diverged, --pruned and --failed");
}

}  // namespace

int run_observe(int argc, const char* const* argv) {
  CLI::App app("Tells what a run came to: one that etalon suggest gave, or any other.",
               "etalon observe");
  ObserveFlags flags;
  add_observe_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const TrialOutcome outcome = outcome_of(flags);
  if (flags.trial) {
    AskTell study(flags.study, StudyOpening::existing);
    print_told(study, study.tell(*flags.trial, outcome, flags.replace));
    return kDone;
  }
  if (!flags.lr) {
    throw InputError("no run is named", "",
                     "give --trial, or --batch-size and --lr of a run that was not suggested");
  }
  AskTell study(flags.study);
  const TrialSpec spec{*flags.batch_size, *flags.lr, flags.seed};
  print_told(study, study.tell(spec, outcome, flags.replace));
  return kDone;
}

}  // namespace etalon::cli
