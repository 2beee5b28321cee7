// etalon fit: the laws behind a file of runs, and learning rates at batch sizes with no runs.
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/source_fit.hpp"
#include "core/atomic_file.hpp"
#include "report/fit/fit_output.hpp"

namespace etalon::cli {
namespace {

struct FitFlags {
  SourceFlags source;
  std::string format = "table", html;
};

// The most used flags first.
void add_fit_flags(CLI::App& app, FitFlags& flags) {
  app.option_defaults()->group("The answer");
  app.add_option("RUNS", flags.source.runs,
                 "CSV or JSON, - for standard input; a file or a directory of another tool's "
                 "logs; or a study: its directory or study.db")
      ->required();
  add_target_flag(app, flags.source);
  app.add_option("--format", flags.format, "What is printed: table, json or csv")
      ->capture_default_str()
      ->transform(one_of({"table", "json", "csv"}));
  app.add_option("--html", flags.html, "Also write a page with charts to this file");
  app.add_flag("--quiet", flags.source.quiet, "Do not say on standard error what was guessed");
  add_column_flags(app, flags.source);
  add_log_flags(app, flags.source);
  add_statistics_flags(app, flags.source);
}

// A page that could not be written, or would take the place of what it is made from.
void check_page(const FitFlags& flags) {
  check_output(flags.html, "html");
  const std::filesystem::path runs = flags.source.runs;
  std::error_code ignored;
  const auto directory = std::filesystem::is_directory(runs, ignored) ? runs : runs.parent_path();
  std::vector<NamedPath> inputs = {{"runs", runs}};
  for (const char* name : {"study.db", "study.db-wal", "trials.csv", "summary.json"}) {
    inputs.push_back({"runs", directory / name});
  }
  const NamedPath page{"html", flags.html};
  check_outputs_apart({&page, 1}, inputs);
}

void print_answer(const FitAnswer& answer, const std::string& format) {
  const std::string text = format == "json"  ? fit_json(answer) + '\n'
                           : format == "csv" ? fit_csv(answer)
                                             : fit_table(answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
}

void write_answer_page(const FitAnswer& answer, const std::string& path) {
  std::ostringstream page;
  write_fit_page(answer, page);
  write_file_atomically(path, page.str(), "html");
}

}  // namespace

int run_fit(int argc, const char* const* argv) {
  CLI::App app("The laws behind your own runs, and learning rates where you have none.",
               "etalon fit");
  FitFlags flags;
  add_fit_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  if (!flags.html.empty()) check_page(flags);
  const FitAnswer answer = fit_source(flags.source, !flags.html.empty());
  print_answer(answer, flags.format);
  if (!flags.html.empty()) write_answer_page(answer, flags.html);
  return kDone;
}

}  // namespace etalon::cli
