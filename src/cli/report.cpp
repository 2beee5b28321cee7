// etalon report STUDY: the report of a study on disk, without running anything.
#include "etalon/report.hpp"

#include <filesystem>
#include <iostream>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/program_flags.hpp"
#include "cli/study_output.hpp"
#include "etalon/campaign.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFlags {
  std::string study, out, tolerance, format = "table";
};

void add_report_flags(CLI::App& app, ReportFlags& flags) {
  app.add_option("STUDY", flags.study, "Directory of a study of a program, or a .db file")
      ->required();
  app.add_option("--out", flags.out,
                 "Directory for report.html, summary.json, trials.csv and curves.csv; default that "
                 "of the study, or NAME-report beside NAME.db");
  app.add_option("--tolerance", flags.tolerance,
                 "Loss that counts as \"the same\": 0.02, or a share of the best, 1%; default the "
                 "study's");
  app.add_option("--format", flags.format, "What goes to stdout: table, json or csv")
      ->check(one_of({"table", "json", "csv"}))
      ->capture_default_str();
}

fs::path file_of(const std::string& study) {
  const fs::path path(study);
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "study.db" : path;
}

// A study's directory is its report's too; beside a database alone may lie anything.
fs::path place_of_report(const ReportFlags& flags) {
  if (!flags.out.empty()) return flags.out;
  std::error_code ignored;
  const fs::path study(flags.study);
  if (fs::is_directory(study, ignored)) return flags.study;
  if (study.filename() != "study.db")
    return study.parent_path() / (study.stem().string() + "-report");
  return study.has_parent_path() ? study.parent_path() : ".";
}

// The one that is given, else that of the study.
std::string tolerance_of(const ReportFlags& flags, const StudyFile& study) {
  if (!flags.tolerance.empty()) return flags.tolerance;
  const auto stored = study.meta.find("campaign.tolerance");
  return stored == study.meta.end() ? "1%" : stored->second;
}

}  // namespace

int run_report(int argc, const char* const* argv) {
  CLI::App app(
      "The report of a study of a program, or of trials that were asked for and told of "
      "(suggest, observe),\nfinished or not, without running anything.",
      "etalon report");
  ReportFlags flags;
  add_report_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const fs::path file = file_of(flags.study);
  const StudyFile study = read_study_file(file);
  const NumberOrShare tolerance = read_tolerance(tolerance_of(flags, study));
  const StudyResult result =
      stored_campaign(study, flags.study, tolerance.value, tolerance.is_share);
  Provenance provenance = collect_provenance(words_of(argc, argv), "", result.options);
  for (const char* noted : {"command_line", "reproduce_command"}) {
    const auto begun = study.meta.find(noted);
    if (begun != study.meta.end()) provenance.reproduce_command = begun->second;
  }
  const fs::path out = place_of_report(flags);
  make_study_directory(out);
  check_study_files(out);
  write_study_files(result, provenance, out);
  print_study(flags.format, result, provenance, (out / "report.html").string());
  return kDone;
}

}  // namespace etalon::cli
