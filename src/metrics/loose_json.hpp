// JSON as Python's json module writes it, with NaN and Infinity bare. Pure; never throws.
#pragma once

#include <string>
#include <string_view>

namespace etalon {

// Follows a text byte by byte, to tell what is inside a JSON string.
class StringTracker {
 public:
  // Whether `c`, the next byte, is in a string or one of its quotes.
  bool is_inside(char c) {
    const bool was_inside = inside_;
    if (inside_ && !escaped_ && c == '"') {
      inside_ = false;
    } else if (!inside_ && c == '"') {
      inside_ = true;
    }
    escaped_ = was_inside && !escaped_ && c == '\\';
    return was_inside || inside_;
  }

 private:
  bool inside_ = false, escaped_ = false;
};

// With texts for the numbers that JSON does not know: "nan", "inf", "-inf".
std::string spelled_out(std::string_view json);

}  // namespace etalon
