// Layers one after another, compiled for one batch size.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "nn/layer.hpp"

namespace etalon {

class Chain {
 public:
  // At least one layer; `src` is what the first one takes.
  Chain(const std::vector<LayerSpec>& layers, const LayerContext& context, float* src);

  float* dst() { return layers_.back()->dst(); }
  // Null where `build_backward` was not asked for it.
  float* diff_src() { return needs_diff_src_ ? layers_.front()->diff_src() : nullptr; }
  const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }
  // Whether any layer has parameters.
  bool is_trained() const { return first_trained_ < layers_.size(); }

  // As of a layer. Below the first layer with parameters nothing is done unless `need_diff_src`.
  void build_backward(float* diff_dst, bool need_diff_src);
  void forward(const float* weights);
  void backward(const float* weights, const GradientSink& sink);

 private:
  template <typename Pass>
  void timed(std::size_t layer, Pass&& pass);

  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::string> kinds_;
  StepProfile* profile_;
  std::size_t first_trained_ = 0;  // the first layer with parameters
  std::size_t last_backward_ = 0;  // the lowest layer that goes backward
  bool needs_diff_src_ = false;
};

}  // namespace etalon
