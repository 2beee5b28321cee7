// Rows out of JSON: one object a line, or a list of objects on any number of lines. NaN and
// Infinity may stand bare, as Python's json module writes them; null is a blank.
#pragma once

#include "runs/byte_source.hpp"
#include "runs/table_builder.hpp"

namespace etalon {

// Both throw InputError naming the line of what is no object of plain values, or of a key that an
// object has twice.
void read_json_lines(ByteSource& source, TableBuilder& table);
// The next of `source` is '['.
void read_json_list(ByteSource& source, TableBuilder& table);

}  // namespace etalon
