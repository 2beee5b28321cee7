#include "report/text_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/text.hpp"
#include "report/display.hpp"

namespace etalon {
namespace {

int color_code(Tone tone) {
  switch (tone) {
    case Tone::strong:
      return 1;
    case Tone::good:
      return 32;
    case Tone::bad:
      return 31;
    case Tone::quiet:
    case Tone::plain:
      break;
  }
  return 2;
}

constexpr std::size_t kBetweenGroups = 2;

std::size_t width_of(const Column& column) {
  std::size_t width = columns_of(column.head);
  for (const std::string& cell : column.cells) width = std::max(width, columns_of(cell));
  return width;
}

std::size_t width_of(const ColumnGroup& group) {
  std::size_t width = kBetweenGroups - 1;
  for (const Column& column : group) width += width_of(column) + 1;
  return width;
}

std::string padded(std::string_view text, const Column& column) {
  const std::size_t width = width_of(column);
  const std::string spaces(width - std::min(width, columns_of(text)), ' ');
  return column.left ? std::string(text) + spaces : spaces + std::string(text);
}

// The cell of `row`, or the head.
std::string cell_of(const Column& column, std::optional<std::size_t> row, const TextStyle& style) {
  if (!row) return painted(Tone::quiet, padded(column.head, column), style);
  const Tone tone = column.tones.empty() ? Tone::plain : column.tones[*row];
  return painted(tone, padded(column.cells[*row], column), style);
}

std::string line_of(const Column& keys, const std::vector<const ColumnGroup*>& groups,
                    std::optional<std::size_t> row, const TextStyle& style) {
  std::string line = cell_of(keys, row, style);
  for (const ColumnGroup* group : groups) {
    line += std::string(kBetweenGroups - 1, ' ');
    for (const Column& column : *group) line += ' ' + cell_of(column, row, style);
  }
  const auto last = line.find_last_not_of(' ');
  return line.substr(0, last == std::string::npos ? 0 : last + 1) + '\n';
}

// From `next` on, those that fit beside `keys`: at least one.
std::vector<const ColumnGroup*> side_by_side(const Column& keys,
                                             const std::vector<ColumnGroup>& groups,
                                             std::size_t next, std::size_t width) {
  std::vector<const ColumnGroup*> fitting;
  std::size_t used = width_of(keys);
  while (next < groups.size() && (fitting.empty() || used + width_of(groups[next]) <= width)) {
    used += width_of(groups[next]);
    fitting.push_back(&groups[next++]);
  }
  return fitting;
}

}  // namespace

TextStyle text_style(std::FILE* stream) {
  TextStyle style;
  style.color = wants_color(stream);
  style.width = std::clamp<std::size_t>(terminal_width(stream, style.width), 40, 120);
  return style;
}

std::string painted(Tone tone, std::string_view text, const TextStyle& style) {
  if (!style.color || tone == Tone::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", color_code(tone), text);
}

std::string paragraph(std::string_view text, const TextStyle& style, Tone tone, std::size_t indent,
                      std::size_t hanging) {
  std::string lines;
  const std::size_t narrow = style.width - std::min(style.width - 1, indent + hanging);
  for (const std::string& line : wrap(text, narrow)) {
    const std::size_t before = lines.empty() ? indent : indent + hanging;
    lines += std::string(before, ' ') + painted(tone, line, style) + '\n';
  }
  return lines;
}

std::string table(const Column& keys, const std::vector<ColumnGroup>& groups,
                  const TextStyle& style) {
  std::string text;
  for (std::size_t next = 0; next < groups.size();) {
    const auto fitting = side_by_side(keys, groups, next, style.width);
    next += fitting.size();
    text += line_of(keys, fitting, std::nullopt, style);
    for (std::size_t row = 0; row < keys.cells.size(); ++row) {
      text += line_of(keys, fitting, row, style);
    }
    text += '\n';
  }
  return text;
}

}  // namespace etalon
