#include "metrics/metric_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "metrics/column_names.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLongestName = 60;
constexpr std::string_view kTensor =
    "tensor(";  // as PyTorch prints a value that is not a number yet
constexpr std::string_view kBlanks = " \t";
// What cannot be part of a name.
constexpr std::string_view kDelimiters = ",;|[](){}<>'\"=:";
// Before a number: a letter there makes it a part of a word ("resnet18"), a digit or point of
// another number ("1.2.3").
constexpr std::string_view kBeforeNumber = " \t=:,;|[](){}<>'\"/";
constexpr std::array<std::string_view, 8> kLogLevels = {"TRACE",   "DEBUG", "INFO",  "NOTICE",
                                                        "WARNING", "WARN",  "ERROR", "CRITICAL"};

// Letters of other scripts than the Latin count by their first byte.
bool is_alpha(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalpha(byte) != 0;
}
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view after_last(std::string_view text, std::string_view delimiters) {
  const std::size_t found = text.find_last_of(delimiters);
  return found == std::string_view::npos ? text : text.substr(found + 1);
}

// "5/5 - 1s - loss": a hyphen between blanks parts names, too.
std::string_view after_last_dash(std::string_view text) {
  const std::size_t found = text.rfind(" - ");
  if (found != std::string_view::npos) text = text.substr(found + 3);
  while (text.starts_with("- ")) text = text.substr(2);
  return text;
}

std::string_view without_level(std::string_view name) {
  for (const std::string_view level : kLogLevels) {
    if (name.starts_with(level) && name.size() > level.size() && name[level.size()] == ' ') {
      return trimmed(name.substr(level.size()));
    }
  }
  return name;
}

bool is_place(std::string_view name) {
  const auto sense = sense_of(std::string(name));
  return sense && (sense->role == ColumnRole::steps || sense->role == ColumnRole::epochs);
}

// The name that ends where a number begins; empty where there is none. "Step [100/600]" is a name
// and its number, while in "loss [0.1, 0.2]" no number is the loss. After an '=' that touches
// it the name is one word, else all words since what came before.
std::string_view name_before(std::string_view text) {
  std::string_view name = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  if (name.ends_with(kTensor)) name = trimmed(name.substr(0, name.size() - kTensor.size()));
  const bool is_in_brackets = name.ends_with('[');
  if (is_in_brackets) name = trimmed(name.substr(0, name.size() - 1));
  const bool equals = name.ends_with('=');
  if (equals || name.ends_with(':')) name.remove_suffix(1);
  const bool touches = equals && !name.empty() && kBlanks.find(name.back()) == kBlanks.npos;
  name = trimmed(name);
  while (name.ends_with('"') || name.ends_with('\'')) name.remove_suffix(1);
  name = after_last(name, kDelimiters);
  if (touches) name = after_last(name, kBlanks);
  name = without_level(trimmed(after_last_dash(trimmed(name))));
  const bool has_letter = std::any_of(name.begin(), name.end(), is_alpha);
  const bool is_name = has_letter && name.size() <= kLongestName;
  return is_name && (!is_in_brackets || is_place(name)) ? name : std::string_view{};
}

// Dates, times, versions, lists and what has a decimal comma are no numbers: 2026-01-31, 10:41:23,
// 1.2.3, 1,2,3 and 0,5.
bool goes_on(std::string_view rest) {
  return rest.size() >= 2 && std::string_view("-:.,").find(rest[0]) != std::string_view::npos &&
         is_digit(rest[1]);
}

// ",234" of "1,234.5".
bool begins_with_thousands(std::string_view rest) {
  return rest.size() >= 4 && rest[0] == ',' &&
         std::all_of(rest.begin() + 1, rest.begin() + 4, is_digit) &&
         (rest.size() == 4 || !is_digit(rest[4]));
}

bool may_have_thousands(std::string_view digits) {
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  return digits.size() <= 3 && !digits.starts_with('0') &&
         std::all_of(digits.begin(), digits.end(), is_digit);
}

// Also "1,234.5".
std::optional<LeadingNumber> number_at(std::string_view text) {
  const auto plain = leading_number(text);
  if (!plain || !may_have_thousands(text.substr(0, plain->length))) return plain;
  std::string digits(text.substr(0, plain->length));
  std::size_t end = plain->length;
  for (; begins_with_thousands(text.substr(end)); end += 4) digits += text.substr(end + 1, 3);
  if (end == plain->length) return plain;
  const std::size_t commas = end - digits.size();
  digits += text.substr(end, text.find_first_not_of("0123456789.", end) - end);
  const auto whole = leading_number(digits);
  return whole ? std::optional(LeadingNumber{whole->value, whole->length + commas}) : plain;
}

std::vector<NamedValue> metrics_in_text(std::string_view line) {
  std::vector<NamedValue> found;
  std::size_t name_begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool may_begin = i == 0 || kBeforeNumber.find(line[i - 1]) != kBeforeNumber.npos;
    if (!may_begin) continue;
    const auto number = number_at(line.substr(i));
    if (!number) continue;
    const std::string_view name = name_before(line.substr(name_begin, i - name_begin));
    i += number->length;
    if (!name.empty() && !goes_on(line.substr(i)))
      found.push_back({std::string(name), number->value});
    // What follows without a blank is its unit, or the rest of a date.
    while (i < line.size() && kBeforeNumber.find(line[i]) == kBeforeNumber.npos) ++i;
    name_begin = i;
    --i;
  }
  return found;
}

// Nothing where the line has no whole dict with a key in quotes.
std::vector<NamedValue> metrics_in_dict(std::string_view line) {
  for (std::size_t at = line.find('{'); at != std::string_view::npos; at = line.find('{', at + 1)) {
    const std::size_t key = line.find_first_not_of(kBlanks, at + 1);
    if (key == std::string_view::npos || (line[key] != '"' && line[key] != '\'')) continue;
    const auto numbers = numbers_of_dict(line.substr(at));
    return numbers.value_or(std::vector<NamedValue>{});
  }
  return {};
}

std::string plain_letters(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    const bool joins = c == ' ' || c == '_' || c == '-' || c == '/' || c == '.';
    if (!joins) plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

}  // namespace

std::vector<NamedValue> metrics_in(std::string_view line) {
  std::vector<NamedValue> found = metrics_in_dict(line);
  return found.empty() ? metrics_in_text(line) : found;
}

bool same_metric(std::string_view a, std::string_view b) {
  return plain_letters(a) == plain_letters(b);
}

}  // namespace etalon
