// Where data meet networks: the model for a data set's examples, and a batch put in front of it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "data/gather.hpp"
#include "model/model_spec.hpp"

namespace etalon {

// What a model is to say of the examples of `data`.
ModelTask task_of(const DataSplits& data);
// The model that `name` describes, for the examples of `data`. Throws InputError where it does not
// take them.
ModelSpec model_for(const std::string& name, const DataSplits& data);

// `Executor` is a Network, or whatever else takes `src()`, `labels()` and `targets()`.
template <typename Executor>
void put_examples(const Dataset& dataset, const Normalization& normalization,
                  std::span<const std::uint32_t> indices, Executor& network) {
  gather(dataset, normalization, indices, network.src(), network.labels());
  if (dataset.shape().is_regression()) {
    gather_targets(dataset, normalization, indices, network.targets());
  }
}

}  // namespace etalon
