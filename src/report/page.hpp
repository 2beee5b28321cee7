// A page put together from its parts: a template with marks such as {{style}}.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace etalon {

using PagePart = std::pair<std::string_view, std::string_view>;  // mark, contents

// Walks the template once, so that what is put in is never searched for further marks. Throws
// std::logic_error for a mark that no part has.
void fill_page(std::string_view page, std::initializer_list<PagePart> parts, std::ostream& out);

// `json` with every `<` written as the JSON escape \u003c, so that no tag or comment can open in
// it.
std::string escape_for_script(std::string_view json);

// What differs between the pages. Views, for as long as the page is written.
struct Page {
  std::string_view body;  // inside <main>
  std::string_view style;
  std::string_view json;  // what the script reads; escaped here
  std::string_view script;
  bool is_served = false;  // by a process that its script may ask for more; else it asks nobody
};

// The shell of all pages around `page`.
void write_page(const Page& page, std::ostream& out);

}  // namespace etalon
