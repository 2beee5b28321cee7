#include "data/dataset.hpp"

#include <numeric>
#include <utility>

namespace etalon {
namespace {

std::size_t row_count(const Examples& examples) {
  if (examples.shape.is_regression()) {
    return examples.targets.size() / static_cast<std::size_t>(examples.shape.outputs);
  }
  return examples.labels.size();
}

}  // namespace

Dataset whole(std::string name, Examples examples) {
  Dataset dataset{std::move(name), nullptr, std::vector<std::uint32_t>(row_count(examples))};
  std::iota(dataset.rows.begin(), dataset.rows.end(), 0u);
  dataset.examples = std::make_shared<const Examples>(std::move(examples));
  return dataset;
}

}  // namespace etalon
