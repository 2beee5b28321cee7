#include "report/page.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "report/assets.hpp"

namespace etalon {

std::string escape_for_script(std::string_view json) {
  std::string escaped;
  escaped.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void fill_page(std::string_view page, std::initializer_list<PagePart> parts, std::ostream& out) {
  for (auto open = page.find("{{"); open != std::string_view::npos; open = page.find("{{")) {
    const auto close = page.find("}}", open);
    if (close == std::string_view::npos) break;
    const std::string_view mark = page.substr(open + 2, close - open - 2);
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [&](const PagePart& each) { return each.first == mark; });
    if (part == parts.end()) {
      throw std::logic_error("the page has an unknown mark: " + std::string(mark));
    }
    out << page.substr(0, open) << part->second;
    page.remove_prefix(close + 2);
  }
  out << page;
}

void write_page(const Page& page, std::ostream& out) {
  const std::string data = escape_for_script(page.json);
  fill_page(assets::page_html(),
            {{"main", page.body},
             {"connect", page.is_served ? "; connect-src 'self'" : ""},
             {"style", page.style},
             {"data", data},
             {"charts", assets::echarts_js()},
             {"script", page.script}},
            out);
}

}  // namespace etalon
