// The files that a study leaves beside its database, and the reporters that write them.
#pragma once

#include <filesystem>

#include "report/csv.hpp"
#include "report/html.hpp"
#include "report/reporter.hpp"
#include "report/summary_json.hpp"

namespace etalon {

// Writes `reporter`'s text to `path`, whole or not at all. Throws RunError.
void write_report(const Reporter& reporter, const StudyResult& result, const Provenance& provenance,
                  const std::filesystem::path& path);

// Writes summary.json, trials.csv, curves.csv and report.html into `directory`, which must exist.
void write_study_files(const StudyResult& result, const Provenance& provenance,
                       const std::filesystem::path& directory);

}  // namespace etalon
