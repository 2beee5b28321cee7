// Two ways that meet again.
#include <algorithm>
#include <optional>

#include "nn/activate.hpp"
#include "nn/chain.hpp"
#include "nn/layers.hpp"

namespace etalon {
namespace {

class Residual final : public Layer {
 public:
  Residual(const LayerSpec& layer, const LayerContext& context, float* src)
      : activation_(std::get<ResidualSpec>(layer.kind).activation),
        src_size_(context.size(layer.in)),
        src_(src),
        body_(std::get<ResidualSpec>(layer.kind).body, context, src) {
    const auto& shortcut = std::get<ResidualSpec>(layer.kind).shortcut;
    if (!shortcut.empty()) shortcut_.emplace(shortcut, context, src);
    dst_.resize(context.size(layer.out));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    body_.build_backward(diff_dst, need_diff_src);
    if (body_.layers().back()->overwrites_diff_dst()) spare_.resize(dst_.size());
    if (shortcut_) {
      shortcut_->build_backward(spare_.empty() ? diff_dst : spare_.data(), need_diff_src);
    }
    needs_diff_src_ = need_diff_src;
    if (need_diff_src) diff_src_.resize(src_size_);
  }

  void forward(const float* weights) override {
    body_.forward(weights);
    if (shortcut_) shortcut_->forward(weights);
    const float* around = shortcut_ ? shortcut_->dst() : src_;
    add_and_activate(body_.dst(), around, dst_.data(), size(), activation_);
  }

  bool overwrites_diff_dst() const override { return true; }

  void backward(const float* weights, const GradientSink& sink) override {
    multiply_by_slope(diff_dst_, dst_.data(), size(), activation_);
    if (!spare_.empty()) std::copy_n(diff_dst_, spare_.size(), spare_.data());
    body_.backward(weights, sink);
    if (shortcut_) shortcut_->backward(weights, sink);
    if (!needs_diff_src_) return;
    const float* around = spare_.empty() ? diff_dst_ : spare_.data();
    if (shortcut_) around = shortcut_->diff_src();
    add_and_activate(body_.diff_src(), around, diff_src_.data(),
                     static_cast<std::int64_t>(diff_src_.size()), Activation::none);
  }

  void set_randomness(const Randomness& randomness) override {
    for_layers([&](Layer& layer) { layer.set_randomness(randomness); });
  }
  void update_statistics(float* weights) override {
    for_layers([&](Layer& layer) { layer.update_statistics(weights); });
  }
  bool knows_example_norms() const override { return false; }

 private:
  std::int64_t size() const { return static_cast<std::int64_t>(dst_.size()); }

  template <typename Function>
  void for_layers(Function&& function) {
    for (const auto& layer : body_.layers()) function(*layer);
    if (!shortcut_) return;
    for (const auto& layer : shortcut_->layers()) function(*layer);
  }

  const Activation activation_;
  const std::size_t src_size_;
  const float* const src_;
  Chain body_;
  std::optional<Chain> shortcut_;
  AlignedVector spare_;  // diff_dst, where the body overwrites it
  bool needs_diff_src_ = false;
  float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_residual(const LayerSpec& layer, const LayerContext& context,
                                     float* src) {
  return std::make_unique<Residual>(layer, context, src);
}

}  // namespace etalon
