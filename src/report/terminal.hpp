// The study on a terminal: the answer in the first lines, then a table by batch size, then the
// learning rates to use and where the report is. UTF-8; no line is wider than `width` unless a
// single word is.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include "report/reporter.hpp"

namespace etalon {

struct TerminalOptions {
  std::size_t width = 100;  // columns, >= 40
  bool color = false;       // see wants_color() of display.hpp
  std::string report_path;  // where report.html is; empty if there is none
  void validate() const;    // throws InputError naming field, value and constraint
};

// What suits `stream`: colour on a terminal only, and its width up to 120 columns.
TerminalOptions terminal_style(std::FILE* stream);

class TerminalReporter : public Reporter {
 public:
  explicit TerminalReporter(TerminalOptions options);
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;

 private:
  const TerminalOptions options_;
};

}  // namespace etalon
