// Rows out of CSV (RFC 4180, header line first): fields separated by commas or, where the header
// holds no comma, by tabs or semicolons, as spreadsheets save them.
#pragma once

#include "runs/byte_source.hpp"
#include "runs/table_builder.hpp"

namespace etalon {

// Throws InputError naming the line of a row that has too few or too many fields, of a quote that
// is never closed, or of a name that the header has twice.
void read_csv(ByteSource& source, TableBuilder& table);

}  // namespace etalon
