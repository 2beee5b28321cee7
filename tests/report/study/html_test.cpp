#include <gmock/gmock.h>

#include <sstream>

#include "etalon/report.hpp"
#include "report/page.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

TEST(Html, EscapesEveryOpeningBracketSoThatNoTagCanEndTheData) {
  EXPECT_EQ(escape_for_script("\"</script><!--\""), "\"\\u003c/script>\\u003c!--\"");
}

std::string page(const StudyResult& result) {
  std::ostringstream out;
  HtmlReporter().report(result, Provenance{}, out);
  return out.str();
}

TEST(Html, FillsEveryMarkOfThePage) {
  const std::string html = page(testing::synthetic_study());
  EXPECT_THAT(html, ::testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(html, ::testing::EndsWith("</html>\n"));
  for (const char* mark : {"{{style}}", "{{data}}", "{{charts}}", "{{script}}"}) {
    EXPECT_THAT(html, ::testing::Not(::testing::HasSubstr(mark)));
  }
}

TEST(Html, LeavesTextThatLooksLikeAMarkAlone) {
  testing::SyntheticOptions options;
  options.name = "{{script}}";
  EXPECT_THAT(page(testing::synthetic_study(options)),
              ::testing::HasSubstr("\"name\":\"{{script}}\""));
}

}  // namespace
}  // namespace etalon
