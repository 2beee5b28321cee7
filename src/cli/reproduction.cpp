#include "cli/reproduction.hpp"

#include <algorithm>
#include <vector>

#include "core/text.hpp"

namespace etalon::cli {
namespace {

// Without --out and --resume, which may be written in two ways.
std::vector<std::string> without_place(std::span<const std::string> arguments) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--out") {
      ++i;
      continue;
    }
    const bool place = argument.starts_with("--out=") || argument == "--resume" ||
                       argument.starts_with("--resume=");
    if (!place) kept.push_back(argument);
  }
  return kept;
}

std::string place_beside(std::string out) {
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out + "-again";
}

}  // namespace

std::string reproduction_of(std::span<const std::string> arguments, const std::string& out,
                            bool resumed) {
  std::vector<std::string> words = without_place(arguments);
  const bool by_flag = std::any_of(arguments.begin(), arguments.end(), [](const auto& argument) {
    return argument.starts_with("--resume");
  });
  if (resumed && !by_flag) words.emplace_back("--resume=false");  // the file of settings says it
  words.insert(words.end(), {"--out", place_beside(out)});
  std::string command;
  for (const std::string& word : words) {
    if (!command.empty()) command += ' ';
    command += shell_quote(word);
  }
  return command;
}

}  // namespace etalon::cli
