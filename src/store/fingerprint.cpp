#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"

namespace etalon {
namespace {

std::string quoted_value(const Fingerprint& settings, const std::string& key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const auto& setting) { return setting.first == key; });
  return found == settings.end() ? "not set" : fmt::format("\"{}\"", shortened(found->second));
}

// What a workload's setting is called where it is no option of its own.
std::string in_words(std::string_view key) {
  if (key == "train_examples") return "the size of the training set";
  if (key == "validation_examples") return "the size of the validation set";
  if (key == "layers") return "the model's list of layers";
  if (key == "engine") return "the version of the engine";
  return field_name(key);
}

// Those of a study's own options are written "study.FIELD", of a campaign's "campaign.FIELD", and
// of a program's "program.FIELD".
std::string named(std::string_view key) {
  constexpr std::string_view kArgument = "program.argument.";  // from 0, the program itself
  if (key.starts_with(kArgument)) {
    return fmt::format("argument {} of the command", key.substr(kArgument.size()));
  }
  for (const std::string_view part : {"study.", "campaign.", "program."}) {
    if (key.starts_with(part)) return field_name(key.substr(part.size()));
  }
  return in_words(key);
}

}  // namespace

std::optional<std::string> first_difference(const Fingerprint& stored, const Fingerprint& asked) {
  const std::size_t size = std::max(stored.size(), asked.size());
  for (std::size_t i = 0; i < size; ++i) {
    if (i < stored.size() && i < asked.size() && stored[i] == asked[i]) continue;
    // One that is gone has another in its place.
    const bool is_gone = i < stored.size() && !setting_of(asked, stored[i].first);
    const std::string& key = is_gone || i >= asked.size() ? stored[i].first : asked[i].first;
    return fmt::format("{} was {} and is now {}", named(printable(key)), quoted_value(stored, key),
                       quoted_value(asked, key));
  }
  return std::nullopt;
}

}  // namespace etalon
