// Mean loss and accuracy of given weights on a dataset, or on the first examples of it.
//
// Runs in fixed batches; the last one may be smaller. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "data/dataset.hpp"
#include "nn/network.hpp"

namespace etalon {

struct Evaluation {
  double loss = 0.0;                 // mean per example
  std::optional<double> accuracy{};  // share of right labels, in [0, 1]; none of targets
};

class Evaluator {
 public:
  // `dataset` must outlive the evaluator.
  Evaluator(const Dataset& dataset, const Normalization& normalization, const ModelSpec& model);
  // On the first `examples` of it, in [1, its size].
  Evaluator(const Dataset& dataset, std::int64_t examples, const Normalization& normalization,
            const ModelSpec& model);
  Evaluation evaluate(std::span<const float> weights);

 private:
  void evaluate_batch(Network& network, std::uint32_t first, std::span<const float> weights,
                      BatchLoss& total);

  const Dataset& dataset_;
  const std::int64_t examples_;
  const Normalization normalization_;
  Network network_;
  std::optional<Network> remainder_;  // compiled for what the last batch holds
};

}  // namespace etalon
