#include "data/csv_file.hpp"

#include <utility>

#include "data/csv_examples.hpp"
#include "data/source.hpp"
#include "etalon/error.hpp"

namespace etalon {

std::shared_ptr<const DataSplits> load_csv(const SpecText& source, const SplitOptions& options) {
  source.check_keys("a CSV file", {"label", "target", "test", "header", "drop"});
  CsvExamples csv(source);
  csv.read(source.word(0));
  const std::size_t training = csv.rows();
  const TestPart test = test_part(source);
  if (!test.file.empty()) csv.read(test.file);
  if (!test.file.empty() && csv.rows() == training) {
    throw InputError("there is no row to test with", test.file, "add some, or leave test out");
  }
  std::vector<std::string> notes = csv.notes();
  LoadedSource loaded = test.file.empty()
                            ? with_test_share(csv.finish(), test.share, source.text(), options)
                            : with_test_rows(csv.finish(), training, source.text());
  loaded.notes = std::move(notes);
  return split_at_random(std::move(loaded), source.text(), options);
}

}  // namespace etalon
