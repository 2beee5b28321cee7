// What the loader of one kind of source makes of its files, before it is cut into splits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/spec_text.hpp"
#include "data/dataset.hpp"

namespace etalon {

struct LoadedSource {
  Dataset train;  // of which the validation part is still to be taken
  Dataset test;
  std::vector<std::string> notes{};
};

// Their shapes must be equal but for the classes, of which both then have the greater number.
// `place` names the source in the error.
LoadedSource with_test_set(Examples train, Examples test, const std::string& place);

// What `test` of a source says: a share of the rows, a tenth unless given, or a file.
struct TestPart {
  double share = 0.1;
  std::string file{};
};
TestPart test_part(const SpecText& source);

// That share of the rows, at least one, drawn from `RandomStream(options.seed, "test")`.
LoadedSource with_test_share(Examples all, double share, const std::string& place,
                             const SplitOptions& options);

// The rows from `training` on test.
LoadedSource with_test_rows(Examples all, std::size_t training, const std::string& place);

// The validation part at random, as `load_splits` says.
std::shared_ptr<const DataSplits> split_at_random(LoadedSource loaded, const std::string& source,
                                                  const SplitOptions& options);

}  // namespace etalon
