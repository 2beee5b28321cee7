// Rows out of JSON: objects one after another, or a list of them, each on any number of lines, also
// as the only list of objects in the one object that a file is. NaN
// and Infinity may stand bare, as Python's json module writes them; null is a blank. Inner objects
// are columns of their own, "config.lr"; lists are left out.
#pragma once

#include "runs/byte_source.hpp"
#include "runs/table_builder.hpp"

namespace etalon {

// Both throw InputError naming the line of what is no object, or of a key that an
// object has twice.
void read_json_lines(ByteSource& source, TableBuilder& table);
// The next of `source` is '['.
void read_json_list(ByteSource& source, TableBuilder& table);

}  // namespace etalon
