#include "data/text_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "data/mapped_file.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kByteVocabulary = 256;
constexpr std::int64_t kMostHeldOut = 1000;  // windows, unless asked for more
constexpr std::int64_t kLongestContext = 65536;

struct PackagedText {
  const char* name;
  const char* package;
  const char* path;
};

constexpr PackagedText kPackagedTexts[] = {
    {"foldoc", "dict-foldoc", "/usr/share/dictd/foldoc.dict.dz"},
};

fs::path text_path(const std::string& word) {
  for (const PackagedText& text : kPackagedTexts) {
    if (word != text.name) continue;
    std::error_code ignored;
    if (fs::exists(text.path, ignored)) return text.path;
    throw InputError(fmt::format("the text '{}' is not there", word), text.path,
                     fmt::format("install the package {}, or name another file", text.package));
  }
  return word;
}

struct Windows {
  std::int64_t context = 64, stride = 64;

  // How many fit into so many bytes, each with the one behind it.
  std::int64_t count(std::int64_t bytes, std::int64_t apart) const {
    return bytes <= context ? 0 : (bytes - context - 1) / apart + 1;
  }
  // What `windows` side by side take.
  std::int64_t bytes(std::int64_t windows) const { return windows * context + 1; }
};

Dataset windows_of(const SharedArray<std::uint8_t>& text, const char* name, std::int64_t first,
                   std::int64_t length, const Windows& windows, std::int64_t stride) {
  const std::int64_t count = windows.count(length, stride);
  auto examples = std::make_shared<Examples>();
  examples->shape = {.width = windows.context,
                     .vocabulary = kByteVocabulary,
                     .positions = windows.context,
                     .classes = kByteVocabulary};
  examples->bytes = {
      std::make_shared<SharedArray<std::uint8_t>>(text),
      text.values().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(length))};
  examples->stride = stride;
  return {.name = name, .examples = examples, .windows = static_cast<std::uint32_t>(count)};
}

Windows windows_asked_for(const SpecText& source) {
  source.check_keys("a text", {"context", "stride"});
  Windows windows;
  windows.context = source.whole_number("context", 1, kLongestContext).value_or(windows.context);
  windows.stride = source.whole_number("stride", 1, kLongestContext).value_or(windows.context);
  return windows;
}

void check_long_enough(std::int64_t bytes, const Windows& windows, const fs::path& path) {
  if (bytes >= 2 * windows.bytes(1) + windows.context + 1) return;
  throw InputError(fmt::format("the text has {} bytes, not enough for three windows of {}", bytes,
                               windows.context),
                   path.string(), "take a longer text or a smaller context");
}

// Of each of the two held-out parts; at least one window is left to train on.
std::int64_t held_out_windows(std::int64_t bytes, const Windows& windows,
                              const SplitOptions& options, const fs::path& path) {
  const std::int64_t all = windows.count(bytes, windows.context);
  const std::int64_t count =
      options.validation_size.value_or(std::clamp<std::int64_t>(all / 10, 1, kMostHeldOut));
  if (count < all && bytes - 2 * windows.bytes(count) > windows.context) return count;
  throw InputError(
      fmt::format("{} is {}", field_name("validation_size"), count),
      fmt::format("{} has {} windows of {} bytes", path.string(), all, windows.context),
      "take less than half of them: as many as validate are kept for testing");
}

void check_window_count(std::int64_t bytes, const Windows& windows, const fs::path& path) {
  if (windows.count(bytes, windows.stride) <= std::numeric_limits<std::uint32_t>::max()) return;
  throw InputError("the text has more than 2^32 windows", path.string(), "take a larger stride");
}

}  // namespace

std::shared_ptr<const DataSplits> load_text(const SpecText& source, const SplitOptions& options) {
  const Windows windows = windows_asked_for(source);
  const fs::path path = text_path(source.word(0));
  const SharedArray<std::uint8_t> text = map_or_unpack(path);
  const auto bytes = static_cast<std::int64_t>(text.size());
  check_long_enough(bytes, windows, path);
  check_window_count(bytes, windows, path);
  const std::int64_t held_out = windows.bytes(held_out_windows(bytes, windows, options, path));
  const std::int64_t training = bytes - 2 * held_out;
  const auto part = [&](const char* name, std::int64_t first, std::int64_t length,
                        std::int64_t stride) {
    return windows_of(text, name, first, length, windows, stride);
  };
  return std::make_shared<const DataSplits>(
      DataSplits{.source = source.text(),
                 .train = part("train", 0, training, windows.stride),
                 .validation = part("validation", training, held_out, windows.context),
                 .test = part("test", training + held_out, held_out, windows.context),
                 .normalization = {},
                 .notes = {}});
}

}  // namespace etalon
