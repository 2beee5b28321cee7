#include "cli/study_output.hpp"

#include <fmt/format.h>

#include <iostream>
#include <utility>

#include "cli/choices.hpp"
#include "cli/commands.hpp"
#include "cli/reproduction.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/error.hpp"
#include "watch/outlook.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

int say_how_to_go_on(std::size_t trials, const StudyOutput& output,
                     std::span<const std::string> words) {
  print_message(fmt::format("etalon: stopped; {} trial{} stored. Go on with: {}", trials,
                            trials == 1 ? " is" : "s are", continuation_of(words, output.resume)));
  return kInterrupted;
}

}  // namespace

void add_output_flags(CLI::App& app, StudyOutput& output) {
  const std::string running = "Running";
  app.add_option("--out", output.out, "Directory for the study and its report")
      ->capture_default_str()
      ->group(running);
  app.add_flag("--resume", output.resume, "Go on with the study in --out")->group(running);
  app.add_flag("--quiet", output.quiet, "No progress on stderr")->group(running);
  app.add_flag("--watch", output.watch,
               "Show the study on a page of this machine while it runs, as etalon watch does")
      ->group(running);
  app.add_option("--format", output.format, "What goes to stdout: table, json or csv")
      ->transform(one_of({"table", "json", "csv"}))
      ->capture_default_str()
      ->group(running);
}

void make_study_directory(const fs::path& directory) {
  if (directory.empty()) throw InputError("--out is empty", "", "name a directory");
  std::error_code error;
  fs::create_directories(directory, error);
  if (!error) return;
  const std::string what = fmt::format("cannot make the directory ({})", error.message());
  const std::string where = fmt::format("--out {}", directory.string());
  if (error == std::errc::no_space_on_device || error == std::errc::io_error) {
    throw RunError(what, where, "free some space, or choose another");
  }
  throw InputError(what, where, "choose another");
}

void refuse_existing_study(const StudyOutput& output) {
  std::error_code ignored;
  const bool is_there = !output.resume && fs::file_size(output.file(), ignored) > 0 && !ignored;
  if (is_there) SqliteStore(output.file(), StoreMode::create, {});
}

SqliteStore open_store(const StudyOutput& output, const Fingerprint& fingerprint) {
  if (!output.resume) make_study_directory(output.out);
  if (fs::exists(output.out)) check_study_files(output.out);
  return {output.file(), output.resume ? StoreMode::resume : StoreMode::create, fingerprint};
}

Provenance note_provenance(std::span<const std::string> words, const StudyOutput& output,
                           std::string engine, const WorkloadInfo& workload,
                           const StudyOptions& options, SqliteStore& store,
                           const std::string& model) {
  Provenance provenance = collect_provenance(words, std::move(engine), options);
  provenance.reproduce_command = reproduction_of(words, output.out, output.resume, model);
  store.set_meta(kJobsMeta, fmt::format("{}", provenance.jobs));
  store.set_meta("workload", workload.name);
  store.set_meta("command_line", provenance.command_line);
  store.set_meta("reproduce_command", provenance.reproduce_command);
  return provenance;
}

int deliver(const StudyResult& result, const Provenance& provenance, const StudyOutput& output,
            std::span<const std::string> words, const SqliteStore& store) {
  if (result.interrupted) return say_how_to_go_on(result.trials.size(), output, words);
  store.check_present();
  write_study_files(result, provenance, output.out);
  print_study(output.format, result, provenance, (fs::path(output.out) / "report.html").string());
  return kDone;
}

void print_study(const std::string& format, const StudyResult& result, const Provenance& provenance,
                 const std::string& report_path) {
  if (format == "json") {
    SummaryJsonReporter().report(result, provenance, std::cout);
  } else if (format == "csv") {
    TrialsCsvReporter().report(result, provenance, std::cout);
  } else {
    TerminalOptions style = terminal_style(stdout);
    style.report_path = report_path;
    TerminalReporter(style).report(result, provenance, std::cout);
  }
}

std::vector<std::string> words_of(int argc, const char* const* argv) {
  std::vector<std::string> words = {"etalon"};
  words.insert(words.end(), argv, argv + argc);
  return words;
}

}  // namespace etalon::cli
