#include <nlohmann/json.hpp>

#include "etalon/report.hpp"
#include "report/assets.hpp"
#include "report/page.hpp"
#include "report/study/page_json.hpp"
#include "report/study/summary_json.hpp"

namespace etalon {

void HtmlReporter::report(const StudyResult& result, const Provenance& provenance,
                          std::ostream& out) const {
  const std::string data = json_text(page_json(result, provenance), -1);
  write_page({.body = assets::report_html(),
              .style = assets::report_css(),
              .json = data,
              .script = assets::report_js()},
             out);
}

}  // namespace etalon
