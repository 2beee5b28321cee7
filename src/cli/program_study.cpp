// etalon study ... -- COMMAND: the learning rates of any program, each trial chosen by what it
// would tell.
#include "cli/program_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/help.hpp"
#include "cli/program_campaign.hpp"
#include "cli/standard_streams.hpp"
#include "cli/study_output.hpp"
#include "cli/target_flags.hpp"
#include "cli/toml_arguments.hpp"
#include "cli/watch_process.hpp"
#include "core/interrupt.hpp"
#include "etalon/campaign.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/report.hpp"
#include "etalon/store.hpp"
#include "report/campaign/campaign_progress.hpp"
#include "watch/live_curves.hpp"
#include "watch/outlook.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

// What a trial may spend is recorded; whether the program hears of it is another matter.
void say_what_is_not_told(const ProgramOptions& program) {
  const std::set<std::string> places = program.places();
  const bool has_length = places.contains("steps") || places.contains("examples");
  const bool is_told = program.epochs ? places.contains("epochs") : has_length;
  if (is_told || !(program.epochs || program.steps || program.examples)) return;
  const char* place = program.epochs ? "epochs" : program.steps ? "steps" : "examples";
  print_message(fmt::format(
      "etalon: the command has no {{{}}}: --{} is recorded, and the program is not told of it",
      place, place));
}

void say_what_is_left_out(const ProgramOptions& program, const CampaignOptions& campaign,
                          bool quiet) {
  if (quiet) return;
  say_what_is_not_told(program);
  if (!program.has_seed() && campaign.ask.seeds > 1) {
    print_message("etalon: the command has no {seed}, so that replicates differ by chance alone");
  }
  if (program.steps && campaign.ask.batch_sizes.size() > 1) {
    print_message(
        "etalon: every batch size trains for the same steps, so that larger ones see more "
        "examples; with --examples all see the same");
  }
}

// What moves besides the learning rate, and says so.
MovingSettings moving_settings(const ProgramStudyFlags& flags, const CampaignOptions& campaign,
                               ProgramOptions& program) {
  const std::int64_t base = flags.base_batch_size.value_or(campaign.ask.batch_sizes.front());
  std::vector<std::string> notes;
  MovingSettings moving =
      place_settings(flags.settings, base, campaign.ask.batch_sizes, program, notes);
  if (flags.base_batch_size && !flags.lr && moving.rule.empty()) {
    throw InputError("--base-batch-size is given without --lr", "",
                     "give the learning rate that you use there");
  }
  for (const std::string& note : notes) {
    if (!flags.output.quiet) print_message("etalon: " + note);
  }
  return moving;
}

std::unique_ptr<CampaignProgress> progress_of(const ProgramStudyFlags& flags,
                                              const WorkloadInfo& workload,
                                              const CampaignOptions& campaign, std::int64_t slots) {
  return std::make_unique<CampaignProgress>(workload, campaign, slots,
                                            progress_options_for(stderr, flags.output.quiet),
                                            [](std::string_view text) {
                                              std::fwrite(text.data(), 1, text.size(), stderr);
                                              std::fflush(stderr);
                                            });
}

// A name for the study that no other has.
std::string identity_of(SqliteStore& store) {
  if (const auto stored = store.meta("identity")) return *stored;
  std::random_device random;
  std::string identity = fmt::format("{:08x}{:08x}", random(), random());
  store.set_meta("identity", identity);
  return identity;
}

// What a study of the program minimizes: its metric at the end, or the steps to a target.
WorkloadInfo studied_workload(const ProgramOptions& program, const Target& target) {
  WorkloadInfo workload = program_workload(program);
  if (!target.is_any()) return workload;
  check_goes_with(target, workload.objective_name, workload.maximizes);
  return with_target(std::move(workload), target);
}

std::unique_ptr<TrialRunner> study_runner(const ProgramStudyFlags& flags,
                                          const ProgramOptions& program) {
  auto runner = runner_of(flags.slurm, program);
  if (!flags.target.is_any()) return runner;
  const WorkloadInfo workload = program_workload(program);
  return std::make_unique<TargetRunner>(std::move(runner), flags.target, workload.objective_name,
                                        workload.maximizes);
}

constexpr const char* kGaveWay = "gave_way";

bool has_result(const std::vector<TrialRecord>& trials) {
  return std::any_of(trials.begin(), trials.end(),
                     [](const TrialRecord& trial) { return is_result(trial.result.state); });
}

// A study that came to an end before any trial had a result would only stand in the way of the same
// study with what was wrong put right. Until then it can be reported; what its programs printed
// stays.
void give_way_if_empty(SqliteStore& store) {
  if (!has_result(store.load())) store.set_meta(kGaveWay, "1");
}

void take_away_what_gave_way(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return;
  const StudyFile study = read_study_file(file, Curves::leave_out);
  if (!study.meta.contains(kGaveWay) || has_result(study.trials)) return;
  fs::remove(file, ignored);
  for (const char* ending : {"-wal", "-shm"}) fs::remove(file.string() + ending, ignored);
}

constexpr const char* kDescription =
    "Finds the best learning rates of your own program, each trial chosen by what it would "
    "tell.\nThe same settings in a file, its command = [\"python3\", ...] among them: etalon study "
    "FILE.";

// --model mlp:32 -- python3 train.py, whose model is its own.
void refuse_flags_of_built_in(const CLI::App& app, const std::vector<const char*>& arguments) {
  for (const std::string_view argument : arguments) {
    const std::string flag(argument.substr(0, argument.find('=')));
    if (!flag.starts_with("--") || app.get_option_no_throw(flag) != nullptr) continue;
    if (!is_of_a_built_in_study(flag)) continue;
    throw InputError(
        fmt::format("{} is of a study of what etalon trains itself, but a command is given", flag),
        "", "leave it out: what trains is the program's own");
  }
}

}  // namespace

std::vector<std::string> command_of(const PartedArguments& arguments, const std::string& file) {
  if (!arguments.command.empty() || file.empty()) return arguments.command;
  return toml_texts(file, "command").value_or(std::vector<std::string>());
}

std::string program_study_help() {
  CLI::App app(kDescription, "etalon study");
  app.footer("-- COMMAND");
  ProgramStudyFlags flags;
  add_program_study_flags(app, flags);
  return help_of(app, text_style(stdout));
}

bool is_of_a_program_study(const std::string& flag) {
  CLI::App app(kDescription, "etalon study");
  ProgramStudyFlags flags;
  add_program_study_flags(app, flags);
  return app.get_option_no_throw(flag) != nullptr;
}

int run_program_study(int argc, const char* const* argv) {
  const PartedArguments parted = parted_at_dashes(argc, argv);
  CLI::App app(kDescription, "etalon study");
  ProgramStudyFlags flags;
  const auto* file = app.add_option("FILE", flags.file, "TOML file of these; flags win over it");
  add_program_study_flags(app, flags);
  refuse_flags_of_built_in(app, parted.own);
  if (const auto code = parse_with_toml(app, *file, static_cast<int>(parted.own.size()),
                                        parted.own.data(), kCommandKey)) {
    return *code;
  }

  const StopFlag& stop = interrupt_flag();
  CampaignOptions campaign = campaign_options(flags);
  ProgramOptions program = program_options(flags.program, command_of(parted, flags.file));
  place_trials(flags.slurm, flags.program, program);
  program.directory = fs::path(flags.output.out) / "trials";
  program.validate();
  hardware_of(flags.hardware, campaign.ask.batch_sizes, flags.target.is_any());
  campaign.moving = moving_settings(flags, campaign, program);
  program.check_values();
  for (const std::int64_t each : campaign.ask.batch_sizes) program.check_batch_size(each);
  say_what_is_left_out(program, campaign, flags.output.quiet);

  if (!flags.output.resume) take_away_what_gave_way(flags.output.file());
  const WorkloadInfo workload = studied_workload(program, flags.target);
  SqliteStore store = open_store(flags.output, campaign_fingerprint(workload, campaign));
  const std::vector<std::string> words = words_of(argc, argv);
  StudyOptions seeds;  // as the report names them
  seeds.seeds = campaign.ask.seeds;
  seeds.first_seed = campaign.ask.first_seed;
  Provenance provenance = note_provenance(words, flags.output, "", workload, seeds, store);
  provenance.jobs = static_cast<std::int64_t>(program.slots.size());
  store.set_meta(kJobsMeta, fmt::format("{}", provenance.jobs));
  store.set_meta(kTrialsMeta, fmt::format("{}", campaign.trials));
  store.set_meta("suggest.update", flags.settings.optimizer);
  store.set_meta("campaign.tolerance", tolerance_text(flags));

  program.study = identity_of(store);
  const auto runner = study_runner(flags, program);
  const auto progress = progress_of(flags, workload, campaign, runner->slots());
  const auto page = watch_process(flags.output.watch, flags.output.out);
  LiveCurves live(flags.output.out, *progress);
  StudyResult result = [&] {
    try {
      return run_campaign(workload, *runner, campaign, store, live, stop);
    } catch (const Error&) {
      progress->finish();
      give_way_if_empty(store);
      throw;
    }
  }();
  progress->finish();
  result.hardware =
      kept_hardware(flags.hardware, campaign.ask.batch_sizes, flags.target.is_any(), store);
  return deliver(result, provenance, flags.output, words, store);
}

}  // namespace etalon::cli
