#include "imports/plain_settings.hpp"

#include <string>

#include "imports/log_text.hpp"

namespace etalon {
namespace {

constexpr std::string_view kDictItems = "dictitems", kDictState = "state", kMergedMap = "<<";

// The place of a whole word between points, or npos.
std::size_t find_word(std::string_view name, std::string_view word) {
  for (std::size_t at = name.find(word); at != std::string_view::npos;
       at = name.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || name[at - 1] == '.') && end < name.size() && name[end] == '.') return at;
  }
  return std::string_view::npos;
}

// Whether a dict of a class stands where the name has the word "state".
bool is_state_of_dict(const std::string& name, const LoggedRun& run) {
  const std::size_t at = find_word(name, kDictState);
  if (at == std::string::npos) return false;
  const std::string items = name.substr(0, at) + std::string(kDictItems) + '.';
  const auto found = run.settings.lower_bound(items);
  return found != run.settings.end() && found->first.starts_with(items);
}

std::string without_word(std::string name, std::string_view word) {
  for (std::size_t at = find_word(name, word); at != std::string::npos;
       at = find_word(name, word)) {
    name.erase(at, word.size() + 1);
  }
  return name;
}

}  // namespace

void add_dumped_settings(std::string_view text, const std::filesystem::path& file, LoggedRun& run) {
  LoggedRun dumped, merged;
  add_yaml_settings(text, file, dumped);
  for (const auto& [name, value] : dumped.settings) {
    if (is_state_of_dict(name, dumped)) continue;
    const std::string plain = without_word(name, kDictItems);
    const bool is_merged = find_word(plain, kMergedMap) != std::string::npos;
    (is_merged ? merged : run).set(without_word(plain, kMergedMap), value);
  }
  run.settings.merge(merged.settings);
}

}  // namespace etalon
