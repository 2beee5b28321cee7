#pragma once

#include <ostream>
#include <string_view>

namespace etalon {

// The page of `etalon fit`, from its data as `fit_page_json` writes it.
void write_fit_page(std::string_view json, std::ostream& out);

}  // namespace etalon
