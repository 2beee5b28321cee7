#include "data/csv_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "core/choice.hpp"
#include "core/number_text.hpp"
#include "core/text.hpp"

namespace etalon {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string spaces_off(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_number_text(const std::string& field) {
  return number_in<double>(spaces_off(field)).has_value();
}

bool says_header(const std::vector<std::string>& first, const std::vector<std::string>& second,
                 const SpecText& source) {
  if (const auto header = source.value("header")) {
    if (*header == "yes" || *header == "no") return *header == "yes";
    source.refuse(fmt::format("header is '{}'", shortened(*header)), "it must be yes or no");
  }
  if (std::none_of(first.begin(), first.end(), is_number_text)) return true;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    const bool is_name = !spaces_off(first[i]).empty() && !is_number_text(first[i]);
    if (is_name && is_number_text(second[i])) return true;
  }
  return false;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= count; ++i) names.push_back(std::to_string(i));
  return names;
}

std::size_t column_named(const CsvColumns& columns, const std::string& name,
                         const SpecText& source) {
  const auto found = std::find(columns.names.begin(), columns.names.end(), name);
  if (found != columns.names.end()) {
    return static_cast<std::size_t>(found - columns.names.begin());
  }
  const auto number = number_in<std::size_t>(name);
  if (number && *number >= 1 && *number <= columns.names.size()) return *number - 1;
  std::vector<std::string> shown;
  for (const std::string& each : columns.names) shown.push_back(shortened(each, 30));
  if (shown.size() > 20) shown.resize(20);
  source.refuse(fmt::format("there is no column '{}'", shortened(name)),
                choose_instead(name, shown));
}

bool is_called_answer(const std::string& name) {
  const std::string plain = lower(name);
  return plain == "label" || plain == "labels" || plain == "class" || plain == "classes" ||
         plain == "target" || plain == "targets";
}

// Where nobody says it.
void guess_answer(CsvColumns& columns) {
  const auto found = std::find_if(columns.names.rbegin(), columns.names.rend(), is_called_answer);
  const bool is_called = found != columns.names.rend();
  columns.answer = is_called ? static_cast<std::size_t>(columns.names.rend() - found) - 1
                             : columns.names.size() - 1;
  columns.notes.push_back(fmt::format("the label is column '{}'{}, as label=COLUMN would say",
                                      shortened(columns.names[columns.answer]),
                                      is_called ? "" : ", the last one"));
}

void find_answer(CsvColumns& columns, const SpecText& source) {
  const auto label = source.value("label"), target = source.value("target");
  if (label && target) source.refuse("there is a label and a target", "give one of them");
  columns.is_target = target.has_value();
  if (label || target) {
    columns.answer = column_named(columns, label ? *label : *target, source);
  } else {
    guess_answer(columns);
  }
}

std::vector<std::size_t> dropped_columns(CsvColumns& columns, const SpecText& source) {
  std::vector<std::size_t> dropped;
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    if (!columns.names[i].empty() || i == columns.answer) continue;
    dropped.push_back(i);
    columns.notes.push_back(fmt::format("column {} has no name and is left out", i + 1));
  }
  std::string rest = source.value("drop").value_or("");
  while (!rest.empty()) {
    const std::size_t plus = std::min(rest.find('+'), rest.size());
    dropped.push_back(column_named(columns, rest.substr(0, plus), source));
    rest.erase(0, plus + 1);
  }
  return dropped;
}

}  // namespace

CsvColumns choose_columns(const std::vector<std::string>& first,
                          const std::vector<std::string>& second, const SpecText& source) {
  CsvColumns columns;
  columns.has_header = says_header(first, second, source);
  columns.names = columns.has_header ? first : numbered(first.size());
  for (std::string& name : columns.names) name = spaces_off(name);
  if (!columns.has_header && !source.value("header"))
    columns.notes.emplace_back("the file has no header");
  find_answer(columns, source);
  const std::vector<std::size_t> dropped = dropped_columns(columns, source);
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const bool is_out = std::find(dropped.begin(), dropped.end(), i) != dropped.end();
    if (i != columns.answer && !is_out) columns.features.push_back(i);
  }
  return columns;
}

}  // namespace etalon
