#include "train/one_step_branches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/flush_denormals.hpp"
#include "core/random.hpp"
#include "model/parameters.hpp"
#include "train/batch_gradient.hpp"
#include "train/put_examples.hpp"
#include "train/require.hpp"
#include "train/vector_sums.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostOneStepSize = 10'000'000, kMostOneStepBatches = 100'000;
constexpr std::int64_t kOneStepMicroBatch = 512;  // of a large batch's gradient
constexpr double kRateFactor = 1.4142135623730951;

}  // namespace

void OneStepOptions::validate() const {
  for (const std::int64_t size : batch_sizes) {
    require(size >= 1 && size <= kMostOneStepSize, "one_step", static_cast<double>(size),
            "in [1, 10^7]");
  }
  require(loss_examples >= 1 && loss_examples <= kMostOneStepSize, "loss_examples",
          static_cast<double>(loss_examples), "in [1, 10^7]");
  require(batches >= 2 && batches <= kMostOneStepBatches, "batches", static_cast<double>(batches),
          "in [2, 10^5]");
}

OneStepBranches::OneStepBranches(const DataSplits& data, const ModelSpec& model, std::uint64_t seed,
                                 const OneStepOptions& options)
    : data_(data),
      model_(model),
      seed_(seed),
      options_((options.validate(), options)),
      network_(model, options.loss_examples, Network::Mode::inference),
      parameters_(static_cast<std::size_t>(parameter_layout(model).size)),
      loss_indices_(batches() * static_cast<std::size_t>(options.loss_examples)),
      losses_before_(batches()),
      gradients_(batches() * parameters_),
      moved_(parameters_) {}

std::vector<Branches> OneStepBranches::measure(std::span<const float> weights, std::int64_t step,
                                               const std::function<double(double)>& first_lr,
                                               const StopFlag& stop) {
  const FlushDenormals flush_denormals;
  std::vector<Branches> all;
  for (const std::int64_t batch_size : options_.batch_sizes) {
    Branches branches =
        measure_at(weights, step, batch_size, first_lr(static_cast<double>(batch_size)), stop);
    if (stop.requested() || branches.lrs.empty()) return {};
    all.push_back(std::move(branches));
  }
  return all;
}

// The side on which another rate is wanted: below 0, above 0, or neither.
int OneStepBranches::wanted_side(const Branches& branches) {
  const std::size_t best = best_of(branches), size = branches.lrs.size();
  if (best < kMargin) return -1;
  if (best + kMargin >= size) return 1;
  const OneStepOptimum optimum = one_step_optimum(branches);
  return optimum.low ? (optimum.high ? 0 : 1) : -1;
}

Branches OneStepBranches::measure_at(std::span<const float> weights, std::int64_t step,
                                     std::int64_t batch_size, double first_lr,
                                     const StopFlag& stop) {
  draw(weights, step, batch_size, stop);
  Branches branches{batch_size, {}, std::vector<std::vector<double>>(batches())};
  if (!std::all_of(losses_before_.begin(), losses_before_.end(),
                   [](double loss) { return std::isfinite(loss); })) {
    return branches;
  }
  add_rate(branches, weights, first_lr, stop);
  while (branches.lrs.size() < kMostRates && !stop.requested()) {
    const int side = wanted_side(branches);
    if (side == 0) break;
    add_rate(branches, weights,
             side < 0 ? branches.lrs.front() / kRateFactor : branches.lrs.back() * kRateFactor,
             stop);
  }
  return branches;
}

void OneStepBranches::draw(std::span<const float> weights, std::int64_t step,
                           std::int64_t batch_size, const StopFlag& stop) {
  RandomStream stream(seed_, fmt::format("one step {} {}", step, batch_size));
  const auto size = static_cast<std::uint32_t>(data_.train.size());
  BatchGradient gradient(data_, model_, std::min(batch_size, kOneStepMicroBatch));
  std::vector<std::uint32_t> batch(static_cast<std::size_t>(batch_size));
  for (std::uint32_t& index : loss_indices_) index = stream.below(size);
  for (std::size_t k = 0; k < batches() && !stop.requested(); ++k) {
    for (std::uint32_t& index : batch) index = stream.below(size);
    gradient.compute(weights.data(), batch, {gradients_.data() + k * parameters_, 1.0f, false},
                     stop);
    losses_before_[k] = loss_of(weights, k);
  }
}

double OneStepBranches::loss_of(std::span<const float> weights, std::size_t batch) {
  const auto size = static_cast<std::size_t>(options_.loss_examples);
  put_examples(data_.train, data_.normalization,
               std::span(loss_indices_).subspan(batch * size, size), network_);
  network_.forward(weights.data());
  return network_.trained_loss().loss_sum / static_cast<double>(size);
}

void OneStepBranches::add_rate(Branches& branches, std::span<const float> weights, double lr,
                               const StopFlag& stop) {
  const auto place = std::lower_bound(branches.lrs.begin(), branches.lrs.end(), lr);
  const auto at = place - branches.lrs.begin();
  branches.lrs.insert(place, lr);
  for (std::size_t k = 0; k < batches() && !stop.requested(); ++k) {
    std::copy(weights.begin(), weights.end(), moved_.begin());
    add_scaled(-lr, std::span(gradients_).subspan(k * parameters_, parameters_), moved_);
    auto& changes = branches.changes[k];
    changes.insert(changes.begin() + at, loss_of(moved_, k) - losses_before_[k]);
  }
}

}  // namespace etalon
