// etalon report SOURCE: the report of a study on disk, or of runs that others logged, without
// running anything.
#include "etalon/report.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/source_fit.hpp"
#include "cli/standard_streams.hpp"
#include "cli/stored_result.hpp"
#include "cli/study_output.hpp"
#include "cli/target_flags.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "etalon/target.hpp"
#include "report/fit/fit_files.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAdvice = "advice.html";

struct ReportFlags {
  SourceFlags source;
  HardwareFlags hardware;
  std::string out, tolerance, format = "table";
};

void add_report_flags(CLI::App& app, ReportFlags& flags) {
  app.option_defaults()->group("The report");
  app.add_option("SOURCE", flags.source.runs,
                 "A study, by its directory or .db file; or runs as for etalon fit: a table, or a "
                 "file or directory of another tool's logs")
      ->required();
  app.add_option("--out", flags.out,
                 "Directory for report.html, summary.json and tables; default that of the study, "
                 "or NAME-report, here or beside NAME.db");
  app.add_option("--format", flags.format, "What goes to stdout: table, json or csv")
      ->transform(one_of({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--tolerance", flags.tolerance,
                 "Of a study: loss that counts as \"the same\", 0.02, or a share of the best, 1%; "
                 "default the study's");
  add_hardware_flags(app, "The report", flags.hardware);
  app.add_flag("--quiet", flags.source.quiet, "Do not say on standard error what was guessed");
  add_target_flag(app, flags.source);
  app.get_option("--to")->description(
      "Batch sizes to advise on, separated by commas; of a study in advice.html");
  app.option_defaults()->group("Of runs that are no study");
  add_column_flags(app, flags.source);
  add_log_flags(app, flags.source);
  add_statistics_flags(app, flags.source);
}

fs::path file_of(const std::string& study) {
  const fs::path path(study);
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? path / "study.db" : path;
}

// A study's directory is its report's too; beside a database alone may lie anything.
fs::path place_of_study(const ReportFlags& flags) {
  if (!flags.out.empty()) return flags.out;
  std::error_code ignored;
  fs::path study(flags.source.runs);
  if (fs::is_directory(study, ignored)) return study;
  if (study.filename() != "study.db")
    return study.parent_path() / (study.stem().string() + "-report");
  return study.has_parent_path() ? study.parent_path() : ".";
}

// Logs are left as they are: the report lies where the command is given.
fs::path place_of_source(const ReportFlags& flags) {
  if (!flags.out.empty()) return flags.out;
  if (flags.source.runs == "-") return "runs-report";
  const fs::path source = fs::absolute(flags.source.runs).lexically_normal();
  const fs::path name = source.has_filename() ? source : source.parent_path();
  return name.stem().string() + "-report";
}

// The one that is given, else that of the study.
Hardware hardware_for(const HardwareFlags& flags, const StudyFile& study,
                      const StudyResult& result) {
  if (!flags.are_given()) return stored_hardware(study);
  const bool has_target = target_of(result.workload.settings).has_value();
  return hardware_of(flags, result.options.batch_sizes, has_target);
}

// Made for a report, and gone again where none came of it.
class ReportDirectory {
 public:
  explicit ReportDirectory(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;
    is_new_ = !fs::exists(path_, ignored);
    make_study_directory(path_);
  }
  ~ReportDirectory() {
    std::error_code ignored;
    if (is_new_) fs::remove(path_, ignored);  // only where it is empty
  }
  ReportDirectory(const ReportDirectory&) = delete;
  ReportDirectory& operator=(const ReportDirectory&) = delete;

 private:
  const fs::path path_;
  bool is_new_ = false;
};

void print_fit(const FitAnswer& answer, const std::string& format, const fs::path& page) {
  const std::string text = format == "json"  ? fit_json(answer) + '\n'
                           : format == "csv" ? fit_csv(answer)
                                             : fit_table(answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
  if (format == "table") fmt::print("\nReport: {}\n", printable(page.string()));
}

void refuse_columns_of_study(const ReportFlags& flags) {
  const SourceFlags& source = flags.source;
  const bool names_any = source.source.columns.names_any() || !source.source.from.empty() ||
                         !source.source.params_from.empty() || !source.mode.empty() ||
                         !source.at.empty();
  if (!names_any) return;
  throw InputError("columns are named, but a study's are known", source.runs,
                   "leave the columns out");
}

// What the laws and the loss surface say at other batch sizes than those of the study.
void report_advice(const ReportFlags& flags, const fs::path& out) {
  if (flags.source.batch_sizes.empty()) return;
  const FitAnswer answer = fit_source(flags.source, true);
  FitFiles(out).write_page(answer, kAdvice);
  std::fputs("\n", stdout);
  print_fit(answer, flags.format, out / kAdvice);
}

void report_study(const StudyFile& study, const ReportFlags& flags,
                  const std::vector<std::string>& words) {
  refuse_columns_of_study(flags);
  StudyResult result = stored_result(study, flags.source.runs, flags.tolerance);
  result.hardware = hardware_for(flags.hardware, study, result);
  Provenance provenance = collect_provenance(words, "", result.options);
  for (const char* noted : {"command_line", "reproduce_command"}) {
    const auto begun = study.meta.find(noted);
    if (begun != study.meta.end()) provenance.reproduce_command = begun->second;
  }
  const fs::path out = place_of_study(flags);
  const ReportDirectory directory(out);
  check_study_files(out);
  write_study_files(result, provenance, out);
  const bool has_advice = !flags.source.batch_sizes.empty();
  if (!has_advice || flags.format == "table") {
    print_study(flags.format, result, provenance, (out / "report.html").string());
    std::cout.flush();
  }
  report_advice(flags, out);
}

void report_source(const ReportFlags& flags) {
  if (!flags.tolerance.empty() || flags.hardware.are_given()) {
    const char* field = flags.tolerance.empty() ? "examples_per_second" : "tolerance";
    throw InputError(fmt::format("{} is of studies", field_name(field)), flags.source.runs,
                     "leave it out");
  }
  const fs::path out = place_of_source(flags);
  const ReportDirectory directory(out);
  const FitFiles files(out);
  files.check(flags.source.runs);
  const FitAnswer answer = fit_source(flags.source, true);
  files.write(answer);
  print_fit(answer, flags.format, files.report());
}

}  // namespace

int run_report(int argc, const char* const* argv) {
  CLI::App app(
      "The report of a study, finished or not, or of runs that other tools logged, without running "
      "anything.",
      "etalon report");
  ReportFlags flags;
  add_report_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  if (holds_study(flags.source.runs)) {
    report_study(read_study_file(file_of(flags.source.runs)), flags, words_of(argc, argv));
  } else {
    report_source(flags);
  }
  return kDone;
}

}  // namespace etalon::cli
