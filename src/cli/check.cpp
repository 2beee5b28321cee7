// etalon check -- COMMAND: a few short runs of a program before hours are spent on it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <span>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/program_study.hpp"
#include "cli/run_directory.hpp"
#include "cli/standard_streams.hpp"
#include "cli/toml_arguments.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "report/program/check_text.hpp"

namespace etalon::cli {
namespace {

struct CheckFlags {
  ProgramStudyFlags study;
  double look = 60.0;
};

// All flags of the study to come, so that its command or its file can be looked at as it is.
void add_check_flags(CLI::App& app, CheckFlags& flags) {
  flags.study.output.out = "etalon-check";
  app.add_option("--look", flags.look, "Seconds after which a run has shown enough")
      ->check(real_number())
      ->capture_default_str()
      ->group("The look");
  add_program_study_flags(app, flags.study);
  app.get_option("--out")->description("Directory of these runs; of a FILE, check/ in its own");
}

std::vector<std::int64_t> batch_sizes_of(const ProgramStudyFlags& flags) {
  if (flags.batch_sizes.empty() && flags.targets.empty()) return {32, 256};
  return asked_batch_sizes(flags);
}

// The words that were typed for the study, without those of the look and these that are said anew.
std::string typed_words(const PartedArguments& arguments, std::span<const std::string_view> anew) {
  constexpr std::string_view kOfTheCheck[] = {"--look", "--out"};
  const auto has = [](auto words, std::string_view name) {
    return std::find(std::begin(words), std::end(words), name) != std::end(words);
  };
  std::string text;
  for (std::size_t i = 1; i < arguments.own.size(); ++i) {
    const std::string_view word(arguments.own[i]);
    const std::string_view name = word.substr(0, word.find('='));
    if (has(std::span(kOfTheCheck), name) || has(anew, name)) {
      i += name == word ? 1 : 0;
    } else {
      text += ' ' + shell_quote(std::string(word));
    }
  }
  return text;
}

// What to type for the study.
std::string study_command(const ProgramStudyFlags& flags, const ProgramCheck& check,
                          const PartedArguments& arguments) {
  std::string text = "etalon study";
  if (flags.file.empty()) {
    constexpr std::string_view kAnew[] = {"--batch-sizes", "--metric", "--trials"};
    if (flags.targets.empty()) {
      text += fmt::format(" --batch-sizes {}", fmt::join(batch_sizes_of(flags), ","));
    }
    text +=
        fmt::format(" --metric {} --trials {}", shell_quote(check.metric), flags.campaign.trials);
    text += typed_words(arguments, kAnew);
  } else {
    text += typed_words(arguments, {});
    if (check.metric_is_guessed) text += fmt::format(" --metric {}", shell_quote(check.metric));
  }
  if (!arguments.command.empty()) text += " --";
  for (const std::string& word : arguments.command) text += ' ' + shell_quote(word);
  return text;
}

std::filesystem::path new_directory(const ProgramStudyFlags& flags) {
  std::filesystem::path parent(flags.output.out);
  if (!flags.file.empty()) parent /= "check";
  return run_directory_in(parent);
}

ProgramCheckOptions check_options(const CheckFlags& flags, const PartedArguments& arguments) {
  const ProgramStudyFlags& study = flags.study;
  if (!(flags.look >= 0.1 && flags.look <= 1e6)) {
    throw InputError(fmt::format("--look is {}", flags.look), "", "it must be from 0.1 to 1e6");
  }
  ProgramCheckOptions options;
  options.program = program_options(study.program, command_of(arguments, study.file));
  options.batch_sizes = batch_sizes_of(study);
  options.lr = study.lr.value_or(find_optimizer(study.settings.optimizer)->first_lr);
  options.look = std::chrono::milliseconds(std::llround(flags.look * 1000));
  return options;
}

// What moves with the batch size besides the learning rate, said as the study would say it.
void place_settings_of(const ProgramStudyFlags& flags, ProgramCheckOptions& options) {
  if (options.program.command.empty()) return;
  std::vector<std::string> notes;
  const std::int64_t least =
      *std::min_element(options.batch_sizes.begin(), options.batch_sizes.end());
  options.moved = place_settings(flags.settings, flags.base_batch_size.value_or(least),
                                 options.batch_sizes, options.program, notes)
                      .at;
  for (const std::string& note : notes) print_message("etalon: " + note);
}

}  // namespace

int run_check(int argc, const char* const* argv) {
  const PartedArguments arguments = parted_at_dashes(argc, argv);
  CLI::App app(
      "Runs your program a few times, shortly, and says whether a study of it makes sense:\nwhich "
      "metrics it gives, what changes them, what a trial costs. Ends with the study's command.",
      "etalon check");
  app.footer("-- COMMAND");
  CheckFlags flags;
  const auto* file =
      app.add_option("FILE", flags.study.file, "TOML file of the study; flags win over it");
  add_check_flags(app, flags);
  if (const auto code = parse_with_toml(app, *file, static_cast<int>(arguments.own.size()),
                                        arguments.own.data(), kCommandKey)) {
    return *code;
  }
  ProgramCheckOptions options = check_options(flags, arguments);
  place_settings_of(flags.study, options);
  options.validate();
  options.program.directory = new_directory(flags.study);
  const ProgramCheck check = check_program(options);
  const StudyToCome study{study_command(flags.study, check, arguments), flags.study.campaign.trials,
                          static_cast<std::int64_t>(options.program.slots.size())};
  std::cout << check_text(check, study, text_style(stdout));
  return is_ready(check) ? kDone : kFailed;
}

}  // namespace etalon::cli
