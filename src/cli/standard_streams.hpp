// Standard output and error of the program: what goes wrong with them is told, and takes nothing
// else down.
#pragma once

#include <string_view>

namespace etalon::cli {

// At the start of `main`. A stream that the caller closed stays unusable, but its number is taken,
// so that no file of ours is mistaken for it. A reader that leaves and a file that may not grow
// become errors of the write, instead of signals that end the program.
void prepare_standard_streams();

// Writes one line to standard error, broken at the width of a terminal, and below it those that it
// quotes: each begins with two spaces. Other ends of lines become spaces, and what a terminal would
// act on '?'. Never throws: whoever closed standard error does
// not want it.
void print_message(std::string_view message) noexcept;

// Whether standard output is a pipe that nobody reads any more.
bool reader_has_left() noexcept;

// Hands everything printed so far to standard output. Throws RunError if it did not arrive, unless
// the reader of a pipe has left: it has seen what it wanted.
void flush_standard_output();

}  // namespace etalon::cli
