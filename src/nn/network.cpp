#include "nn/network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/parameters.hpp"
#include "nn/layer_support.hpp"
#include "nn/transpose.hpp"

namespace etalon {
namespace {

bool is_tied_model(const ModelSpec& model) {
  const auto* last = std::get_if<DenseSpec>(&model.layers.back().kind);
  return last != nullptr && last->tied;
}

std::int64_t embedding_offset(const ModelSpec& model) {
  for (const LayerSpec& layer : model.layers) {
    if (std::holds_alternative<EmbeddingSpec>(layer.kind)) return layer.offset;
  }
  return 0;
}

LayerContext context_of(const ModelSpec& model, std::int64_t batch_size, Network::Mode mode) {
  LayerContext context;
  context.batch_size = batch_size;
  context.statistics = parameter_layout(model).size;
  context.embedding = embedding_offset(model);
  context.is_tied = is_tied_model(model);
  context.training = mode == Network::Mode::training;
  if (context.training) context.precision = model.precision;
  return context;
}

std::size_t count(std::int64_t size) { return static_cast<std::size_t>(size); }

}  // namespace

Network::Network(const ModelSpec& model, std::int64_t batch_size, Mode mode, StepProfile* profile)
    : task_(model.task), batch_size_(batch_size), positions_(model.positions()) {
  compute_alone();  // kernels are compiled for the number of threads
  const TensorShape& input = model.input();
  LayerContext context = context_of(model, batch_size, mode);
  context.profile = profile;
  src_.resize(context.size(input));
  if (input.channels > 1 && input.pixels() > 1) images_.resize(src_.size());
  layers_ = std::make_unique<Chain>(model.layers, context,
                                    images_.empty() ? src_.data() : images_.data());
  const std::int64_t rows = batch_size * positions_;
  answers_ = {layers_->dst(), count(rows * task_.answers())};
  if (task_.classes > 0) {
    labels_.resize(count(rows));
  } else {
    targets_.resize(answers_.size());
  }
  if (mode == Mode::inference) return;
  diff_answers_.resize(answers_.size());
  layers_->build_backward(diff_answers_.data(), false);
}

void Network::set_randomness(const Randomness& randomness) {
  for (const auto& layer : layers_->layers()) layer->set_randomness(randomness);
}

void Network::forward(const float* weights) {
  compute_alone();
  if (!images_.empty()) {
    const TensorShape& input = task_.input;
    transpose(src_.data(), images_.data(), batch_size_, input.channels, input.pixels());
  }
  layers_->forward(weights);
}

SoftmaxLoss Network::softmax(double smoothing) const {
  return {task_.classes, positions_, smoothing};
}

BatchLoss Network::loss() const { return loss_with(0.0); }

BatchLoss Network::trained_loss() const { return loss_with(task_.label_smoothing); }

BatchLoss Network::loss_with(double smoothing) const {
  if (task_.classes > 0) return softmax(smoothing).loss(answers_, labels_);
  return SquaredLoss{task_.outputs}.loss(answers_, targets_);
}

BatchLoss Network::loss_and_backward(const float* weights, const GradientSink& sink) {
  compute_alone();
  const BatchLoss batch =
      task_.classes > 0
          ? softmax(task_.label_smoothing).loss_and_gradient(answers_, labels_, diff_answers_)
          : SquaredLoss{task_.outputs}.loss_and_gradient(answers_, targets_, diff_answers_);
  layers_->backward(weights, sink);
  return batch;
}

void Network::update_statistics(float* weights) {
  for (const auto& layer : layers_->layers()) layer->update_statistics(weights);
}

bool Network::knows_example_norms() const {
  return std::ranges::all_of(layers_->layers(),
                             [](const auto& layer) { return layer->knows_example_norms(); });
}

// What is left is the gradient of the mean, in which each example has its share of 1/N.
void Network::add_example_norms(std::size_t layer, std::span<double> norms) const {
  const auto size = static_cast<double>(batch_size_);
  layers_->layers()[layer]->add_squared_norms(size * size, norms.data());
}

std::string engine_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace etalon
