// A way to say what a study found. Implementations turn the same result into text for people
// (terminal, HTML) or for programs (JSON, CSV); none of them decides anything.
//
// A reporter holds settings only: `report` may be called any number of times and from any thread.
#pragma once

#include <ostream>

#include "etalon/study.hpp"
#include "report/provenance.hpp"

namespace etalon {

class Reporter {
 public:
  virtual ~Reporter() = default;
  // Writes the whole report to `out`. Errors of the stream are the caller's to look for.
  virtual void report(const StudyResult& result, const Provenance& provenance,
                      std::ostream& out) const = 0;
};

}  // namespace etalon
