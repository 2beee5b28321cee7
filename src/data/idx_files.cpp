// Finding a data set's files in a directory.
#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string_view>

#include "data/idx.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// The first of the names under which `PREFIX-KIND` may lie in the directory.
std::optional<fs::path> find(const fs::path& directory, const std::string& prefix,
                             std::string_view kind, std::initializer_list<int> dimensions) {
  for (const int d : dimensions) {
    for (const char* separator : {"-", "."}) {
      for (const char* ending : {"", ".gz"}) {
        fs::path path =
            directory / fmt::format("{}-{}{}idx{}-ubyte{}", prefix, kind, separator, d, ending);
        std::error_code ignored;
        if (fs::exists(path, ignored)) return path;
      }
    }
  }
  return std::nullopt;
}

std::optional<fs::path> find_images(const fs::path& directory, const std::string& prefix) {
  return find(directory, prefix, "images", {3, 4, 2});
}

[[noreturn]] void fail_missing(const fs::path& directory, const std::string& name) {
  throw InputError(fmt::format("there is no file {} (or {}.gz)", name, name), directory.string(),
                   "name a directory with the four IDX files of a data set");
}

}  // namespace

Examples read_idx_pair(const fs::path& directory, const std::string& prefix) {
  const std::optional<fs::path> images = find_images(directory, prefix);
  if (!images) fail_missing(directory, prefix + "-images-idx3-ubyte");
  const std::optional<fs::path> labels = find(directory, prefix, "labels", {1});
  if (!labels) fail_missing(directory, prefix + "-labels-idx1-ubyte");
  return read_idx_examples(*images, *labels);
}

bool has_idx_pair(const fs::path& directory, const std::string& prefix) {
  return find_images(directory, prefix).has_value();
}

}  // namespace etalon
