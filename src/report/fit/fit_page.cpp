#include "report/fit/fit_page.hpp"

#include "report/assets.hpp"
#include "report/page.hpp"

namespace etalon {

void write_fit_page(std::string_view json, std::ostream& out) {
  write_page({.body = assets::fit_html(),
              .style = assets::fit_css(),
              .json = json,
              .script = assets::fit_js()},
             out);
}

}  // namespace etalon
