#include <sstream>

#include "core/atomic_file.hpp"
#include "etalon/report.hpp"

namespace etalon {
namespace {

constexpr const char* kSummary = "summary.json";
constexpr const char* kTrials = "trials.csv";
constexpr const char* kCurves = "curves.csv";
constexpr const char* kReport = "report.html";

}  // namespace

void write_report(const Reporter& reporter, const StudyResult& result, const Provenance& provenance,
                  const std::filesystem::path& path) {
  std::ostringstream text;
  reporter.report(result, provenance, text);
  write_file_atomically(path, text.view());
}

void check_study_files(const std::filesystem::path& directory) {
  for (const char* name : {kSummary, kTrials, kCurves, kReport}) check_output(directory / name);
}

void write_study_files(const StudyResult& result, const Provenance& provenance,
                       const std::filesystem::path& directory) {
  write_report(SummaryJsonReporter(), result, provenance, directory / kSummary);
  write_report(TrialsCsvReporter(), result, provenance, directory / kTrials);
  write_report(CurvesCsvReporter(), result, provenance, directory / kCurves);
  write_report(HtmlReporter(), result, provenance, directory / kReport);
}

}  // namespace etalon
