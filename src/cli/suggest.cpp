// etalon suggest: the next run for a program that trains by itself, and what is known so far.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/training_flags.hpp"
#include "core/text.hpp"
#include "etalon/ask_tell.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "report/ask/ask_output.hpp"

namespace etalon::cli {
namespace {

struct SuggestFlags {
  std::string study, optimizer, expire, format = "table";
  std::optional<std::int64_t> batch_size;
  AskTellOptions options;
  bool list = false;
};

void add_suggest_flags(CLI::App& app, SuggestFlags& flags) {
  app.add_option("STUDY", flags.study, "Directory or .db file; made on first use")->required();
  app.add_option("--batch-size", flags.batch_size, "The batch size to run; else one of --for")
      ->check(whole_number());
  app.add_option("--for", flags.options.batch_sizes,
                 "The batch sizes that you care about, separated by commas; default --batch-size")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(whole_number());
  app.add_option("--optimizer", flags.optimizer, "Yours: chooses the priors")
      ->transform(one_of(optimizer_names()));
  app.add_option("--lr", flags.options.first_lr,
                 fmt::format("Where nothing is known. {}", first_lr_text()))
      ->check(real_number());
  app.add_option("--seeds", flags.options.seeds, "Replicates of what is near the best; default 1")
      ->check(whole_number());
  app.add_option("--expire", flags.expire,
                 "Offer again what was not observed for this long: 90s, 30m, 24h, 7d");
  app.add_option("--retries", flags.options.retries,
                 "How often a run that failed or was not observed in time is offered again; "
                 "default 1")
      ->check(whole_number());
  app.add_flag("--list", flags.list, "Suggest nothing: show the runs and the advice so far");
  app.add_option("--format", flags.format, "What is printed: table, json or plain")
      ->transform(one_of({"table", "json", "plain"}))
      ->capture_default_str();
}

std::int64_t seconds_of(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit = error == std::errc{} ? std::string(end) : "";
  const std::int64_t scale = unit == "s"   ? 1
                             : unit == "m" ? 60
                             : unit == "h" ? 3600
                             : unit == "d" ? 86400
                                           : 0;
  if (scale == 0 || number < 1 || number > 100000000) {
    throw InputError(fmt::format("--expire is '{}'", shortened(text)), "",
                     "give a whole number above 0 with its unit: 90s, 30m, 24h, 7d");
  }
  return number * scale;
}

AskStatus status_of(const AskTell& study, const SuggestFlags& flags) {
  AskStatus status;
  status.study = flags.study;
  status.trials = study.trials();
  status.given_up = study.given_up(flags.options);
  status.known = study.observations();
  status.now = std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
                   .count();
  if (status.known.empty()) return status;
  ProposalOptions options = study.proposal_options(flags.batch_size, flags.options);
  std::set<std::int64_t> all(options.batch_sizes.begin(), options.batch_sizes.end());
  for (const Observation& run : status.known) all.insert(std::llround(run.batch_size));
  options.batch_sizes.assign(all.begin(), all.end());
  status.advice = current_advice(status.known, options, study.pruned());
  status.contradictions = find_contradictions(status.known);
  return status;
}

template <typename Value>
void print(const std::string& format, const Value& value, std::string (*table)(const Value&),
           std::string (*json)(const Value&), std::string (*plain)(const Value&)) {
  const auto write = format == "json" ? json : format == "plain" ? plain : table;
  fmt::print("{}", write(value));
}

std::string styled_status(const AskStatus& status) {
  return status_table(status, text_style(stdout));
}

std::string suggestion_plain(const AskTell::Answer& answer) {
  return plain_trial(answer.trial) + '\n';
}

}  // namespace

int run_suggest(int argc, const char* const* argv) {
  CLI::App app(
      "Suggests the next run to a program that trains by itself; etalon observe tells what it came "
      "to.\nAn option is stored in the study by the first call that gives it.",
      "etalon suggest");
  SuggestFlags flags;
  add_suggest_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  if (!flags.optimizer.empty()) flags.options.update = find_optimizer(flags.optimizer)->update;
  if (!flags.expire.empty()) flags.options.expire_seconds = seconds_of(flags.expire);
  if (flags.list) {
    const AskTell study(flags.study, StudyOpening::existing);
    print(flags.format, status_of(study, flags), styled_status, status_json, status_plain);
    return kDone;
  }
  if (!flags.batch_size && flags.options.batch_sizes.empty()) {
    // Nothing to go by in a new study: refused before it is made.
    AskTell study(flags.study, StudyOpening::existing);
    print(flags.format, study.ask({}, flags.options), suggestion_table, suggestion_json,
          suggestion_plain);
    return kDone;
  }
  AskTell study(flags.study);
  print(flags.format, study.ask(flags.batch_size, flags.options), suggestion_table, suggestion_json,
        suggestion_plain);
  return kDone;
}

}  // namespace etalon::cli
