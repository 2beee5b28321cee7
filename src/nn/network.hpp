// A model compiled onto oneDNN and loops of our own for one batch size, with all its memory.
//
// Construction compiles every primitive and allocates every buffer; `forward` and `backward` then
// allocate nothing of their own. Parameters live in the caller's flat vector (see ParameterLayout)
// and are passed to each call. One thread at a time; the thread that runs it computes alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/model_spec.hpp"
#include "nn/chain.hpp"
#include "nn/loss.hpp"

namespace etalon {

class Network {
 public:
  // In inference batch norms take their running statistics and dropout drops nothing.
  enum class Mode { inference, training };

  // `profile`, where it is not null, counts the time of every pass and must outlive the network.
  Network(const ModelSpec& model, std::int64_t batch_size, Mode mode,
          StepProfile* profile = nullptr);

  std::int64_t batch_size() const { return batch_size_; }
  // Where the caller puts a batch: images as (N, C, H, W), rows as (N, F), texts as (N, T) tokens
  // written as floats; a label in [0, classes) for each example, or for each position of a text;
  // or, where there are no classes, N x outputs targets.
  std::span<float> src() { return src_; }
  std::span<std::int32_t> labels() { return labels_; }
  std::span<float> targets() { return targets_; }
  // (N, answers), a row for each label, as the last `forward` left them.
  std::span<const float> logits() const { return answers_; }

  // What random layers draw from at the next `forward`.
  void set_randomness(const Randomness& randomness);
  void forward(const float* weights);
  // The loss of the batch last put through `forward`, without smoothing.
  BatchLoss loss() const;
  // The same as it is trained: smoothed where the task says so.
  BatchLoss trained_loss() const;
  // The loss that is trained, and the gradient of its mean over the batch, left in `sink`. Training
  // mode only.
  BatchLoss loss_and_backward(const float* weights, const GradientSink& sink);
  // Moves the running statistics in `weights` by what `forward` saw since the last call.
  void update_statistics(float* weights);

  // Whether the squared gradient norms of single examples come for little more than the batch's:
  // with dense layers alone.
  bool knows_example_norms() const;
  // Of the batch last put through `loss_and_backward`: adds to each of the N `norms` the squared
  // norm of the gradient of that example's loss, of the parameters of layer `layer` of the model.
  // Only where they are known.
  void add_example_norms(std::size_t layer, std::span<double> norms) const;

 private:
  SoftmaxLoss softmax(double smoothing) const;
  BatchLoss loss_with(double smoothing) const;

  const ModelTask task_;
  const std::int64_t batch_size_, positions_;
  AlignedVector src_;     // as the caller sees it
  AlignedVector images_;  // the same channels last, where that is another order
  std::unique_ptr<Chain> layers_;
  std::span<const float> answers_;
  AlignedVector diff_answers_;
  std::vector<std::int32_t> labels_;
  AlignedVector targets_;
};

// Name and version of the engine, "oneDNN 2.6.3".
std::string engine_version();

}  // namespace etalon
