// Which source is read by which loader.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "core/choice.hpp"
#include "core/spec_text.hpp"
#include "core/text.hpp"
#include "data/array_files.hpp"
#include "data/cifar10.hpp"
#include "data/csv_file.hpp"
#include "data/idx.hpp"
#include "data/source.hpp"
#include "data/teacher.hpp"
#include "data/text_file.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianFashionMnist = "/usr/share/datasets/fashion-mnist";

fs::path fashion_mnist_directory() {
  if (const char* data = std::getenv("ETALON_DATA"); data != nullptr && *data != '\0') {
    const fs::path root = data;
    for (const fs::path& directory : {root / "fashion-mnist", root}) {
      if (has_idx_pair(directory, "train")) return directory;
    }
  }
  if (has_idx_pair(kDebianFashionMnist, "train")) return kDebianFashionMnist;
  throw InputError("Fashion-MNIST is not there", kDebianFashionMnist,
                   "install the package dataset-fashion-mnist, or set ETALON_DATA to a directory "
                   "with its four files");
}

std::shared_ptr<const DataSplits> load_idx(const fs::path& directory, const std::string& source,
                                           const SplitOptions& options) {
  Examples train = read_idx_pair(directory, "train");
  Examples test = read_idx_pair(directory, "t10k");
  return split_at_random(with_test_set(std::move(train), std::move(test), directory.string()),
                         source, options);
}

std::shared_ptr<const DataSplits> load_fashion_mnist(const SpecText& source,
                                                     const SplitOptions& options) {
  source.check_keys("fashion-mnist", {});
  return load_idx(fashion_mnist_directory(), source.text(), options);
}

std::shared_ptr<const DataSplits> load_idx_directory(const SpecText& source,
                                                     const SplitOptions& options) {
  source.check_keys("an IDX data set", {});
  const fs::path directory = source.word(0);
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) {
    throw InputError("there is no such directory", directory.string(),
                     "name one with the four IDX files of a data set");
  }
  return load_idx(directory, source.text(), options);
}

// A kind of source, how it is written, how many of its words stand by their place, and its loader.
struct SourceKind {
  std::string_view name;
  const char* form;
  std::size_t words;
  std::shared_ptr<const DataSplits> (*load)(const SpecText& source, const SplitOptions& options);
};

constexpr SourceKind kSourceKinds[] = {
    {"fashion-mnist", "fashion-mnist", 0, load_fashion_mnist},
    {"idx", "idx:DIR", 1, load_idx_directory},
    {"cifar10", "cifar10:DIR", 1, load_cifar10},
    {"csv", "csv:FILE", 1, load_csv},
    {"npz", "npz:FILE", 1, load_npz},
    {"npy", "npy:FEATURES,LABELS", 2, load_npy},
    {"text", "text:FILE", 1, load_text},
    {"teacher", "teacher:FEATURES", 1, load_teacher},
};

const SourceKind* find_kind(std::string_view source) {
  const std::string_view name = source.substr(0, source.find_first_of(":,"));
  for (const SourceKind& kind : kSourceKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

[[noreturn]] void refuse_source(const std::string& source) {
  throw InputError(fmt::format("there is no data set '{}'", shortened(source)), "",
                   choose_instead(source, data_source_forms()));
}

}  // namespace

std::vector<std::string> data_source_forms() {
  std::vector<std::string> forms;
  for (const SourceKind& kind : kSourceKinds) forms.emplace_back(kind.form);
  return forms;
}

std::shared_ptr<const DataSplits> load_splits(const std::string& source,
                                              const SplitOptions& options) {
  options.validate();
  const SourceKind* kind = find_kind(source);
  if (kind == nullptr) refuse_source(source);
  const SpecText spec("dataset", source, kind->words);
  if (kind->words > 0 && spec.word(0).empty()) refuse_source(source);
  return kind->load(spec, options);
}

}  // namespace etalon
