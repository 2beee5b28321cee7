#include "data/array_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/text.hpp"
#include "data/array_examples.hpp"
#include "data/mapped_file.hpp"
#include "data/npz_archive.hpp"
#include "data/source.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

const std::vector<std::string> kFeatureNames = {"x", "X", "features", "data", "images"};
const std::vector<std::string> kAnswerNames = {"y", "Y", "labels", "label", "targets", "target"};

// How the names of one part's arrays are written: "x_train".
std::vector<std::string> names_of_part(const std::vector<std::string>& names,
                                       const std::string& part) {
  if (part.empty()) return names;
  std::vector<std::string> all;
  for (const std::string& name : names) {
    all.push_back(fmt::format("{}_{}", name, part));
    all.push_back(fmt::format("{}_{}", part, name));
  }
  return all;
}

std::optional<std::string> first_of(const std::vector<std::string>& names,
                                    const NpzArchive& archive) {
  const auto& there = archive.names();
  for (const std::string& name : names) {
    if (std::find(there.begin(), there.end(), name) != there.end()) return name;
  }
  return std::nullopt;
}

struct ArrayNames {
  std::string features, answers;
};

std::optional<ArrayNames> find_arrays(const NpzArchive& archive, const std::string& part) {
  const auto features = first_of(names_of_part(kFeatureNames, part), archive);
  const auto answers = first_of(names_of_part(kAnswerNames, part), archive);
  if (!features || !answers) return std::nullopt;
  return ArrayNames{*features, *answers};
}

[[noreturn]] void refuse_names(const NpzArchive& archive, const SpecText& source) {
  std::vector<std::string> there;
  for (const std::string& name : archive.names()) there.push_back(shortened(name, 30));
  if (there.size() > 20) there.resize(20);
  source.refuse(fmt::format("the archive has no features and labels among its arrays: {}",
                            fmt::join(there, ", ")),
                "name them x and y, or x_train, y_train, x_test and y_test");
}

ArrayExamples read_arrays(const NpzArchive& archive, const ArrayNames& names) {
  return array_examples(archive.read(names.features), archive.read(names.answers));
}

double share_of(const SpecText& source) {
  return source.number("test", kInnerShare).value_or(TestPart{}.share);
}

std::shared_ptr<const DataSplits> split_one(ArrayExamples all, const SpecText& source,
                                            const SplitOptions& options) {
  number_classes({&all}, source.text());
  LoadedSource loaded =
      with_test_share(std::move(all.examples), share_of(source), source.text(), options);
  loaded.notes = std::move(all.notes);
  return split_at_random(std::move(loaded), source.text(), options);
}

std::shared_ptr<const DataSplits> split_two(ArrayExamples train, ArrayExamples test,
                                            const SpecText& source, const SplitOptions& options) {
  if (source.value("test")) {
    source.refuse("the archive has a part to test with", "leave test out");
  }
  number_classes({&train, &test}, source.text());
  LoadedSource loaded =
      with_test_set(std::move(train.examples), std::move(test.examples), source.text());
  loaded.notes = std::move(train.notes);
  return split_at_random(std::move(loaded), source.text(), options);
}

}  // namespace

std::shared_ptr<const DataSplits> load_npz(const SpecText& source, const SplitOptions& options) {
  source.check_keys("an archive of arrays", {"test"});
  const NpzArchive archive(source.word(0));
  const auto train = find_arrays(archive, "train"), test = find_arrays(archive, "test");
  if (train && test) {
    return split_two(read_arrays(archive, *train), read_arrays(archive, *test), source, options);
  }
  const auto all = train ? train : find_arrays(archive, "");
  if (!all) refuse_names(archive, source);
  return split_one(read_arrays(archive, *all), source, options);
}

std::shared_ptr<const DataSplits> load_npy(const SpecText& source, const SplitOptions& options) {
  source.check_keys("a pair of arrays", {"test"});
  if (source.word(1).empty()) {
    source.refuse("the labels are missing", "write npy:FEATURES,LABELS");
  }
  const auto read = [](const std::string& path) { return read_npy(map_file(path), path); };
  return split_one(array_examples(read(source.word(0)), read(source.word(1))), source, options);
}

}  // namespace etalon
