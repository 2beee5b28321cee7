// A model compiled onto oneDNN for one batch size, with all its memory.
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

#include "nn/layer.hpp"
#include "nn/model_spec.hpp"
#include "nn/softmax_loss.hpp"

namespace etalon {

class Network {
 public:
  enum class Mode { inference, training };

  Network(const ModelSpec& model, std::int64_t batch_size, Mode mode);

  std::int64_t batch_size() const { return batch_size_; }
  // Where the caller puts a batch: images as (N, C, H, W), labels in [0, classes).
  std::span<float> src() { return src_data_; }
  std::span<std::int32_t> labels() { return labels_; }
  // (N, classes), as the last `forward` left them.
  std::span<const float> logits() const { return logits_; }

  void forward(const float* weights);
  // The loss of the batch last put through `forward`.
  BatchLoss loss() const;
  // The same loss, and the gradient of its mean over the batch, left in `sink`. Training mode only.
  BatchLoss loss_and_backward(const float* weights, const GradientSink& sink);

  // Whether the squared gradient norms of single examples come for little more than the batch's:
  // not with convolutions.
  bool knows_example_norms() const;
  // Of the batch last put through `loss_and_backward`: adds to each of the N `norms` the squared
  // norm of the gradient of that example's loss, of the parameters of layer `layer` of the model.
  // Only where they are known.
  void add_example_norms(std::size_t layer, std::span<double> norms) const;

 private:
  void build_layers(const ModelSpec& model);
  void build_backward();

  std::int64_t batch_size_;
  std::int64_t classes_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  dnnl::memory src_;
  dnnl::memory diff_logits_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::size_t first_trained_ = 0;  // the first layer with parameters
  std::vector<std::int32_t> labels_;
  std::span<float> src_data_;
  std::span<const float> logits_;
};

// Name and version of the engine, "oneDNN 2.6.3".
std::string engine_version();

}  // namespace etalon
