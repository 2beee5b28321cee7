#include "nn/network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "nn/layer_support.hpp"
#include "nn/parameters.hpp"

namespace etalon {
namespace {

using dnnl::memory;

// How many parameters one layer has, the sum of its segments.
std::int64_t parameters_of(const LayerSpec& layer, const ModelSpec& model) {
  return parameter_layout({model.name, model.input, model.classes, {layer}}).size;
}

std::span<float> floats(const memory& data, std::int64_t size) {
  return {static_cast<float*>(data.get_data_handle()), static_cast<std::size_t>(size)};
}

// One engine for the process: oneDNN's cache of compiled kernels is keyed by it.
const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

}  // namespace

Network::Network(const ModelSpec& model, std::int64_t batch_size, Mode mode)
    : batch_size_(batch_size),
      classes_(model.classes),
      engine_(cpu_engine()),
      stream_(engine_),
      labels_(static_cast<std::size_t>(batch_size)) {
  compute_alone();  // kernels are compiled for the number of threads
  build_layers(model);
  if (mode == Mode::training) build_backward();
}

void Network::build_layers(const ModelSpec& model) {
  src_ = memory({{batch_size_, model.input.channels, model.input.height, model.input.width},
                 memory::data_type::f32,
                 memory::format_tag::nchw},
                engine_);
  src_data_ = floats(src_, batch_size_ * model.input.size());
  LayerContext context{engine_, stream_, batch_size_, 0};
  const memory* src = &src_;
  for (const LayerSpec& layer : model.layers) {
    layers_.push_back(
        std::visit([&](const auto& spec) { return make_layer(spec, context, *src); }, layer));
    context.parameter_offset += parameters_of(layer, model);
    if (context.parameter_offset == 0) ++first_trained_;
    src = &layers_.back()->dst();
  }
  logits_ = floats(*src, batch_size_ * classes_);
}

void Network::build_backward() {
  diff_logits_ = memory(layers_.back()->dst().get_desc(), engine_);
  const memory* diff_dst = &diff_logits_;
  for (std::size_t i = layers_.size(); i-- > first_trained_;) {
    // Nothing below the first layer with parameters needs a gradient.
    layers_[i]->build_backward(*diff_dst, i > first_trained_);
    diff_dst = &layers_[i]->diff_src();
  }
}

void Network::forward(const float* weights) {
  compute_alone();
  for (const auto& layer : layers_) layer->forward(weights);
}

BatchLoss Network::loss() const { return softmax_loss(logits_, labels_, classes_); }

BatchLoss Network::loss_and_backward(const float* weights, const GradientSink& sink) {
  compute_alone();
  const BatchLoss batch = softmax_loss_and_gradient(logits_, labels_, classes_,
                                                    floats(diff_logits_, batch_size_ * classes_));
  for (std::size_t i = layers_.size(); i-- > first_trained_;) layers_[i]->backward(weights, sink);
  return batch;
}

bool Network::knows_example_norms() const {
  return std::all_of(layers_.begin(), layers_.end(),
                     [](const auto& layer) { return layer->knows_example_norms(); });
}

// What is left is the gradient of the mean, in which each example has its share of 1/N.
void Network::add_example_norms(std::size_t layer, std::span<double> norms) const {
  const auto size = static_cast<double>(batch_size_);
  layers_[layer]->add_squared_norms(size * size, norms.data());
}

std::string engine_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("oneDNN {}.{}.{}", version->major, version->minor, version->patch);
}

}  // namespace etalon
