// A reader by its name in the table of all.
#pragma once

#include <stdexcept>
#include <string>

#include "imports/log_reader.hpp"

namespace etalon::testing {

inline const LogReader& reader_named(const std::string& name) {
  for (const LogReader& reader : log_readers()) {
    if (reader.name == name) return reader;
  }
  throw std::logic_error("there is no reader " + name);
}

}  // namespace etalon::testing
