#include "metrics/dict_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include "metrics/escaped_text.hpp"

namespace etalon {
namespace {

constexpr int kDeepest = 32;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

bool begins_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  const bool same = std::equal(word.begin(), word.end(), text.begin(),
                               [](char a, char b) { return a == lower(b); });
  return same && (text.size() == word.size() || !is_word(text[word.size()]));
}

struct NumberWord {
  std::string_view word;
  double value;
};
constexpr std::array<NumberWord, 3> kNumberWords = {{
    {"nan", std::numeric_limits<double>::quiet_NaN()},
    {"inf", std::numeric_limits<double>::infinity()},
    {"infinity", std::numeric_limits<double>::infinity()},
}};

// A value of a dict, read by descent. Each reader returns false where the text is not its own.
class DictReader {
 public:
  explicit DictReader(std::string_view text) : text_(text) {}

  bool dict(const std::string& prefix, int depth) {
    if (depth > kDeepest || !skip('{')) return false;
    if (skip('}')) return true;
    do {
      std::string key;
      if (skip_blanks(), peek() == '}') break;  // a trailing comma
      if (!quoted(key) || !skip(':') || !value(prefix + key, depth)) return false;
    } while (skip(','));
    return skip('}');
  }

  std::vector<NamedText> take() { return std::move(texts_); }

 private:
  bool value(const std::string& name, int depth) {
    skip_blanks();
    if (peek() == '{') return dict(name + '/', depth + 1);
    if (peek() == '[' || peek() == '(') return list(depth + 1);
    if (peek() == '"' || peek() == '\'') return text_value(name);
    return number(name) || word(name);
  }

  bool list(int depth) {
    if (depth > kDeepest) return false;
    const char close = peek() == '[' ? ']' : ')';
    ++at_;
    const std::size_t kept = texts_.size();
    do {
      if (skip_blanks(), peek() == close) break;
      if (!value("", depth)) return false;
    } while (skip(','));
    texts_.resize(kept);
    return skip(close);
  }

  bool text_value(const std::string& name) {
    std::string text;
    if (!quoted(text)) return false;
    add(name, text);
    return true;
  }

  bool number(const std::string& name) {
    const auto found = leading_number(text_.substr(at_));
    if (!found) return false;
    add(name, text_.substr(at_, found->length));
    at_ += found->length;
    return true;
  }

  // True, None; or a value in the words of its type, as tensor(0.5, device='cuda:0').
  bool word(const std::string& name) {
    if (!is_word(peek())) return false;
    const std::size_t begin = at_;
    while (is_word(peek()) || peek() == '.') ++at_;
    if (peek() != '(') return add(name, text_.substr(begin, at_ - begin));
    const auto found = leading_number(text_.substr(at_ + 1));
    if (found) add(name, text_.substr(at_ + 1, found->length));
    at_ = std::min(text_.find(')', at_), text_.size() - 1);
    return skip(')');
  }

  bool quoted(std::string& text) {
    skip_blanks();
    const char quote = peek();
    if (quote != '"' && quote != '\'') return false;
    for (++at_; at_ < text_.size() && text_[at_] != quote;) text += character();
    return skip(quote);
  }

  std::string character() {
    if (text_[at_] != '\\' || at_ + 1 == text_.size()) return {text_[at_++]};
    EscapedCharacter escaped = escaped_character(text_.substr(at_));
    at_ += escaped.length;
    return std::move(escaped.text);
  }

  bool add(const std::string& name, std::string_view text) {
    if (!name.empty()) texts_.push_back({name, std::string(text)});
    return true;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  bool skip(char c) {
    skip_blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<NamedText> texts_;
};

}  // namespace

std::optional<LeadingNumber> leading_number(std::string_view text) {
  const bool is_signed = text.starts_with('-') || text.starts_with('+');
  const std::string_view rest = text.substr(is_signed ? 1 : 0);
  const double sign = text.starts_with('-') ? -1.0 : 1.0;
  for (const auto& [word, value] : kNumberWords) {
    if (begins_with_word(rest, word)) return LeadingNumber{sign * value, is_signed + word.size()};
  }
  double value = 0.0;
  if (rest.empty() || (std::isdigit(static_cast<unsigned char>(rest[0])) == 0 && rest[0] != '.')) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error == std::errc::invalid_argument) return std::nullopt;
  // Too large or too small for a double: from_chars leaves the value as it was.
  if (error == std::errc::result_out_of_range) {
    const std::string_view digits(rest.data(), static_cast<std::size_t>(end - rest.data()));
    const bool is_small = digits.find("e-") != std::string_view::npos ||
                          digits.find("E-") != std::string_view::npos || digits[0] == '0' ||
                          digits[0] == '.';
    value = is_small ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return LeadingNumber{sign * value, is_signed + static_cast<std::size_t>(end - rest.data())};
}

std::optional<double> number_that_is(std::string_view text) {
  constexpr std::string_view kAround = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kAround);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kAround) + 1 - begin);
  const auto number = leading_number(text);
  return number && number->length == text.size() ? std::optional(number->value) : std::nullopt;
}

std::optional<std::vector<NamedText>> texts_of_dict(std::string_view text) {
  DictReader reader(text);
  if (!reader.dict("", 1)) return std::nullopt;
  return reader.take();
}

std::optional<std::vector<NamedValue>> numbers_of_dict(std::string_view text) {
  const auto texts = texts_of_dict(text);
  if (!texts) return std::nullopt;
  std::vector<NamedValue> numbers;
  for (const NamedText& each : *texts) {
    const auto number = leading_number(each.text);
    if (number && number->length == each.text.size()) numbers.push_back({each.name, number->value});
  }
  return numbers;
}

}  // namespace etalon
