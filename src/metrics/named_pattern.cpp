#include "metrics/named_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cctype>
#include <cstdint>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostMemory = 8 << 20;  // bytes

bool begins_name(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// (?<name> as RE2 of before 2023 writes it, (?P<name>.
std::string with_its_groups(std::string_view pattern) {
  constexpr std::string_view kOpening = "(?<";
  std::string text;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool escaped = pattern[i] == '\\' && i + 1 < pattern.size();
    const std::string_view rest = pattern.substr(i);
    if (escaped) {
      text += pattern[i++];
    } else if (pattern[i] == '[' || pattern[i] == ']') {
      in_class = pattern[i] == '[';
    } else if (!in_class && rest.starts_with(kOpening) && rest.size() > kOpening.size() &&
               begins_name(rest[kOpening.size()])) {
      text += "(?P<";
      i += kOpening.size();
    }
    text += pattern[i];
  }
  return text;
}

re2::RE2::Options pattern_options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return options;
}

}  // namespace

NamedPattern::NamedPattern(const std::string& pattern, const char* field, const char* what_to_do)
    : expression_(std::make_shared<const re2::RE2>(with_its_groups(pattern), pattern_options())) {
  const auto refuse = [&](const std::string& why) {
    throw InputError(
        fmt::format("{} is '{}': {}", field_name(field), shortened(pattern), printable(why)), "",
        what_to_do);
  };
  if (!expression_->ok()) refuse(expression_->error());
  for (const auto& [number, name] : expression_->CapturingGroupNames()) {
    numbers_.push_back(number);
    names_.push_back(name);
  }
  if (names_.empty()) refuse("it has no named group");
}

std::vector<std::string_view> NamedPattern::find_in(std::string_view text) const {
  std::vector<re2::StringPiece> parts(
      static_cast<std::size_t>(expression_->NumberOfCapturingGroups()) + 1);
  const re2::StringPiece whole(text.data(), text.size());
  const bool found = expression_->Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, parts.data(),
                                        static_cast<int>(parts.size()));
  std::vector<std::string_view> texts;
  for (const int number : numbers_) {
    const re2::StringPiece& part = parts[static_cast<std::size_t>(number)];
    if (found) texts.emplace_back(part.data() == nullptr ? "" : part.data(), part.size());
  }
  return texts;
}

}  // namespace etalon
