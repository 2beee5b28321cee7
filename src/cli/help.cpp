#include "cli/help.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "core/text.hpp"

namespace etalon::cli {
namespace {

constexpr std::size_t kFlagColumns = 24;

// "N", "X,X,...", "TEXT": what a flag takes.
std::string value_of(const CLI::Option& option) {
  // A range follows the type: "INT:INT in [1 - 9]".
  const std::string whole = option.get_type_name();
  const std::string type = whole.substr(0, whole.find(':'));
  const std::string_view kind = type == "INT" || type == "UINT"  ? "N"
                                : type == "FLOAT"                ? "X"
                                : type == "TEXT" || type.empty() ? "NAME"
                                                                 : std::string_view(type);
  if (option.get_delimiter() == '\0') return std::string(kind);
  return fmt::format("{0},{0},...", kind);
}

std::string heading_of(const CLI::Option& option) {
  if (!option.nonpositional()) return option.get_name();
  std::string names;
  for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
  names += "--" + option.get_lnames().front();
  return takes_value(option) ? names + " " + value_of(option) : names;
}

// Lists as their flags take them: CLI11 puts them into brackets.
std::string default_of(const CLI::Option& option) {
  std::string text = option.get_default_str();
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  return takes_value(option) ? text : "";
}

// A heading and what it means, beside it or below.
std::string entry(const CLI::Option& option, const TextStyle& style) {
  std::string what = option.get_description();
  if (const std::string value = default_of(option); !value.empty()) {
    what += fmt::format(" [{}]", value);
  }
  const std::string heading = "  " + heading_of(option);
  const std::string text = paragraph(what, style, Tone::plain, kFlagColumns);
  if (columns_of(heading) + 2 > kFlagColumns) return heading + "\n" + text;
  return heading + text.substr(columns_of(heading));
}

std::string usage_of(const CLI::App& app) {
  std::string usage = "usage: " + app.get_name();
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) continue;
    const std::string name = option->get_name();
    usage += option->get_required() ? " " + name : " [" + name + "]";
  }
  // What comes after the flags, such as another program's command.
  return usage + " [FLAGS]" + (app.get_footer().empty() ? "" : " " + app.get_footer());
}

std::string entries(const CLI::App& app, const std::string& group, const TextStyle& style) {
  std::string text, help;  // which comes last
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group() != group || !option->nonpositional()) continue;
    (option == app.get_help_ptr() ? help : text) += entry(*option, style);
  }
  return text + help;
}

std::string positionals(const CLI::App& app, const TextStyle& style) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->nonpositional()) text += entry(*option, style);
  }
  return text.empty() ? text : "\n" + text;
}

// Options without a group of their own, with --help among them, come last.
constexpr const char* kUngrouped = "Options";

}  // namespace

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string help_of(const CLI::App& app, const TextStyle& style) {
  std::string text;
  for (const std::string& line : CLI::detail::split(app.get_description(), '\n')) {
    text += paragraph(line, style);
  }
  text += "\n" + paragraph(usage_of(app), style) + positionals(app, style);
  std::vector<std::string> groups = app.get_groups();
  std::erase(groups, kUngrouped);
  groups.emplace_back(kUngrouped);
  for (const std::string& group : groups) {
    const std::string lines = group.empty() ? "" : entries(app, group, style);
    if (lines.empty()) continue;
    const bool alone = groups.size() == 1;
    const std::string title = group == kUngrouped && !alone ? "Help" : group;
    text += "\n" + paragraph(title, style, Tone::strong) + lines;
  }
  return text;
}

}  // namespace etalon::cli
