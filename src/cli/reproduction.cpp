#include "cli/reproduction.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "core/text.hpp"

namespace etalon::cli {
namespace {

using Words = std::vector<std::string>;

// Without a flag that has a value, which may be written in two ways.
Words without(const char* name, std::span<const std::string> flags) {
  Words kept;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] == name) {
      ++i;
    } else if (!flags[i].starts_with(std::string(name) + "=")) {
      kept.push_back(flags[i]);
    }
  }
  return kept;
}

// Nor with --watch, which shows and changes nothing.
Words without_place(std::span<const std::string> flags) {
  Words kept = without("--out", flags);
  std::erase_if(kept, [](const std::string& flag) {
    return flag == "--resume" || flag.starts_with("--resume=") || flag == "--watch";
  });
  return kept;
}

bool says_resume(std::span<const std::string> flags) {
  return std::any_of(flags.begin(), flags.end(),
                     [](const std::string& flag) { return flag.starts_with("--resume"); });
}

std::string place_beside(std::string out) {
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out + "-again";
}

// The words of a command that are etalon's own, and those from "--" on.
std::size_t own_words(std::span<const std::string> arguments) {
  return static_cast<std::size_t>(std::find(arguments.begin(), arguments.end(), "--") -
                                  arguments.begin());
}

std::string as_typed(Words own, std::span<const std::string> command) {
  own.insert(own.end(), command.begin(), command.end());
  for (std::string& word : own) word = shell_quote(word);
  return fmt::format("{}", fmt::join(own, " "));
}

}  // namespace

std::string reproduction_of(std::span<const std::string> arguments, const std::string& out,
                            bool resumed, const std::string& model) {
  const auto given = arguments.first(own_words(arguments));
  Words own = without_place(given);
  if (!model.empty()) {
    own = without("--model", own);
    own.insert(own.end(), {"--model", model});
  }
  // The file of settings says it.
  if (resumed && !says_resume(given)) own.emplace_back("--resume=false");
  own.insert(own.end(), {"--out", place_beside(out)});
  return as_typed(own, arguments.subspan(given.size()));
}

std::string continuation_of(std::span<const std::string> arguments, bool resumed) {
  const auto given = arguments.first(own_words(arguments));
  Words own(given.begin(), given.end());
  if (!resumed) own.emplace_back("--resume");
  return as_typed(own, arguments.subspan(given.size()));
}

}  // namespace etalon::cli
