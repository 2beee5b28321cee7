// How text is laid out on a terminal: its width and colours, paragraphs, tables that break where
// they are too wide. Pure functions but for `text_style`, which asks the system.
//
//   const TextStyle style = text_style(stdout);
//   std::cout << paragraph("Use 0.1 at B=64.", style, Tone::strong);
//
// What is laid out must be printable already (core/text.hpp); only what is told apart by `Tone`
// gets escape sequences, and only where `color` is set.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

struct TextStyle {
  std::size_t width = 80;  // columns, >= 40
  bool color = false;
};

// What suits `stream`: a terminal's width between 40 and 120, 80 where it is none; colour on a
// terminal that is not dumb, unless NO_COLOR is set.
TextStyle text_style(std::FILE* stream);

enum class Tone { plain, strong, good, bad, quiet };

// `text` in the colour of `tone`, where there is colour.
std::string painted(Tone tone, std::string_view text, const TextStyle& style);

// `text` broken at spaces into lines of at most the style's width, each after `indent` spaces and
// with its end of line; those after the first are indented by `hanging` more.
std::string paragraph(std::string_view text, const TextStyle& style, Tone tone = Tone::plain,
                      std::size_t indent = 0, std::size_t hanging = 0);

// A column of a table; its cells, padded to one width, are set to the right or to the left.
struct Column {
  std::string head;
  std::vector<std::string> cells;
  std::vector<Tone> tones{};  // one per cell; none: all plain
  bool left = false;
};

// Columns that stay together where a table is too wide and is broken into several.
using ColumnGroup = std::vector<Column>;

// Lines of `keys` and as many groups side by side as fit into the style's width, then `keys` again
// with the next ones below, and so on; an empty line after each. All columns have as many cells.
std::string table(const Column& keys, const std::vector<ColumnGroup>& groups,
                  const TextStyle& style);

}  // namespace etalon
