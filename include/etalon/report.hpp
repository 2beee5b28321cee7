// Ways to say what a study found: for people on a terminal or on a page, for programs as JSON and
// CSV. All of them show the same `StudyResult`; none of them decides anything.
//
//   const Provenance provenance = collect_provenance(arguments, "", options);
//   write_study_files(result, provenance, "etalon-study");
//   TerminalReporter(terminal_style(stdout)).report(result, provenance, std::cout);
//
// A reporter holds settings only: `report` may be called any number of times and from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

struct Machine {
  std::string cpu_model;          // "unknown" where the system does not say
  std::int64_t processors = 0;    // logical processors this process may use
  std::int64_t memory_bytes = 0;  // of the machine; 0 where the system does not say
  std::string operating_system;   // distribution and kernel
};

// Where a study's numbers come from: everything a reader needs to repeat it.
struct Provenance {
  std::string command_line;       // as a POSIX shell reads it
  std::string reproduce_command;  // one that runs the study again, elsewhere and from the start
  std::string etalon_version;
  std::string compiler;
  std::string onednn_version;
  Machine machine;
  std::string started_utc;           // ISO 8601, "2026-01-31T12:00:00Z"
  std::vector<std::uint64_t> seeds;  // of the replicates
  std::int64_t jobs = 1;             // trials that ran side by side
};

// Asks the system and the clock; to be called once, when the study starts. `arguments` is argv with
// the program's name first; `onednn_version` is that of the engine that trains, where it is oneDNN.
Provenance collect_provenance(std::span<const std::string> arguments, std::string onednn_version,
                              const StudyOptions& options);

class Reporter {
 public:
  virtual ~Reporter() = default;
  // Writes the whole report to `out`. Errors of the stream are the caller's to look for.
  virtual void report(const StudyResult& result, const Provenance& provenance,
                      std::ostream& out) const = 0;
};

struct TerminalOptions {
  std::size_t width = 80;     // columns, >= 40
  bool color = false;         // escape sequences that a terminal shows as colour
  std::string report_path{};  // where report.html is; empty if there is none
  void validate() const;      // throws InputError naming field, value and constraint
};

// What suits `stream`: its width up to 120 columns, 80 where it is no terminal; colour on a
// terminal only, not on a dumb one, and not where NO_COLOR is set.
TerminalOptions terminal_style(std::FILE* stream);

// The study on a terminal: the answer in the first lines, then a table by batch size, then the
// learning rates to use and where the report is. UTF-8; no line is wider than `width` unless a
// single word is.
class TerminalReporter : public Reporter {
 public:
  explicit TerminalReporter(TerminalOptions options);
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;

 private:
  const TerminalOptions options_;
};

// summary.json: what the study found, for programs. The keys are a contract, described in
// docs/summary-json.md. What is not known is null, never NaN; numbers read back as the same double.
class SummaryJsonReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// The trials as comma-separated values (RFC 4180), one line per trial in order of id. Numbers are
// the shortest text that reads back as the same double; what a trial does not have is an empty
// field. Columns: docs/summary-json.md.
class TrialsCsvReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// The same for the training curves, one line per point of every trial's curve.
class CurvesCsvReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// report.html: the study as one page. One file that needs no network and no other file: the page's
// style, its script, the chart library and the study's data are all inside. The page puts text on
// screen as text only, whatever a study's names carry.
class HtmlReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// Writes `reporter`'s text to `path`, whole or not at all. Throws RunError.
void write_report(const Reporter& reporter, const StudyResult& result, const Provenance& provenance,
                  const std::filesystem::path& path);

// Throws InputError where `write_study_files` could not write there. For use before the study.
void check_study_files(const std::filesystem::path& directory);

// Writes summary.json, trials.csv, curves.csv and report.html into `directory`, which must exist.
void write_study_files(const StudyResult& result, const Provenance& provenance,
                       const std::filesystem::path& directory);

}  // namespace etalon
