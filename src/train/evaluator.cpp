#include "train/evaluator.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "train/put_examples.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kBatchSize = 500;

}  // namespace

Evaluator::Evaluator(const Dataset& dataset, const Normalization& normalization,
                     const ModelSpec& model)
    : Evaluator(dataset, static_cast<std::int64_t>(dataset.size()), normalization, model) {}

Evaluator::Evaluator(const Dataset& dataset, std::int64_t examples,
                     const Normalization& normalization, const ModelSpec& model)
    : dataset_(dataset),
      examples_(examples),
      normalization_(normalization),
      network_(model, std::min(kBatchSize, examples), Network::Mode::inference) {
  const std::int64_t rest = examples % network_.batch_size();
  if (rest > 0) remainder_.emplace(model, rest, Network::Mode::inference);
}

Evaluation Evaluator::evaluate(std::span<const float> weights) {
  BatchLoss total;
  const auto size = static_cast<std::uint32_t>(examples_);
  const auto step = static_cast<std::uint32_t>(network_.batch_size());
  std::uint32_t first = 0;
  for (; first + step <= size; first += step) evaluate_batch(network_, first, weights, total);
  if (remainder_) evaluate_batch(*remainder_, first, weights, total);
  const auto count = static_cast<double>(size);
  Evaluation evaluation{total.loss_sum / count, std::nullopt};
  if (!dataset_.shape().is_regression()) evaluation.accuracy = total.correct / count;
  return evaluation;
}

void Evaluator::evaluate_batch(Network& network, std::uint32_t first,
                               std::span<const float> weights, BatchLoss& total) {
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(network.batch_size()));
  std::iota(indices.begin(), indices.end(), first);
  put_examples(dataset_, normalization_, indices, network);
  network.forward(weights.data());
  const BatchLoss batch = network.loss();
  total.loss_sum += batch.loss_sum;
  total.correct += batch.correct;
}

}  // namespace etalon
