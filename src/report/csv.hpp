// The trials of a study as comma-separated values, RFC 4180: a header line, CRLF line ends, fields
// quoted where they must be. Numbers are the shortest text that reads back as the same double; what
// a trial does not have is an empty field. Columns: docs/summary-json.md.
#pragma once

#include "report/reporter.hpp"

namespace etalon {

// One line per trial, in order of id.
class TrialsCsvReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// One line per point of every trial's curve.
class CurvesCsvReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

}  // namespace etalon
