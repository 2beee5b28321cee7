#include <sstream>

#include "core/atomic_file.hpp"
#include "etalon/report.hpp"

namespace etalon {

void write_report(const Reporter& reporter, const StudyResult& result, const Provenance& provenance,
                  const std::filesystem::path& path) {
  std::ostringstream text;
  reporter.report(result, provenance, text);
  write_file_atomically(path, text.view());
}

void write_study_files(const StudyResult& result, const Provenance& provenance,
                       const std::filesystem::path& directory) {
  write_report(SummaryJsonReporter(), result, provenance, directory / "summary.json");
  write_report(TrialsCsvReporter(), result, provenance, directory / "trials.csv");
  write_report(CurvesCsvReporter(), result, provenance, directory / "curves.csv");
  write_report(HtmlReporter(), result, provenance, directory / "report.html");
}

}  // namespace etalon
