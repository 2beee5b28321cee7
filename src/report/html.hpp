// report.html: the study as one page for people. One file that needs no network and no other file:
// the page's style, its script, the chart library and the study's data are all inside. The data is
// JSON that cannot end its own element whatever text a study's names carry, and the page puts text
// on screen as text only.
#pragma once

#include <string>
#include <string_view>

#include "report/reporter.hpp"

namespace etalon {

class HtmlReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// `json` with every `<` written as the JSON escape \u003c, so that no tag or comment can open in
// it.
std::string escape_for_script(std::string_view json);

}  // namespace etalon
