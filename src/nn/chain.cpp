#include "nn/chain.hpp"

#include <algorithm>

#include "model/layer_shapes.hpp"
#include "model/parameters.hpp"
#include "nn/layers.hpp"

namespace etalon {
Chain::Chain(const std::vector<LayerSpec>& layers, const LayerContext& context, float* src)
    : profile_(context.profile) {
  for (const LayerSpec& layer : layers) {
    kinds_.push_back(kind_name(layer.kind));
    layers_.push_back(make_layer(layer, context, src));
    src = layers_.back()->dst();
  }
  first_trained_ =
      static_cast<std::size_t>(std::ranges::find_if(layers, has_parameters) - layers.begin());
}

void Chain::build_backward(float* diff_dst, bool need_diff_src) {
  needs_diff_src_ = need_diff_src;
  last_backward_ = need_diff_src ? 0 : first_trained_;
  for (std::size_t i = layers_.size(); i-- > last_backward_;) {
    layers_[i]->build_backward(diff_dst, i > last_backward_ || need_diff_src);
    diff_dst = layers_[i]->diff_src();
  }
}

template <typename Pass>
void Chain::timed(std::size_t layer, Pass&& pass) {
  if (profile_ == nullptr) return pass();
  const StepProfile::Span span(*profile_, kinds_[layer]);
  pass();
}

void Chain::forward(const float* weights) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    timed(i, [&] { layers_[i]->forward(weights); });
  }
}

void Chain::backward(const float* weights, const GradientSink& sink) {
  for (std::size_t i = layers_.size(); i-- > last_backward_;) {
    timed(i, [&] { layers_[i]->backward(weights, sink); });
  }
}

}  // namespace etalon
