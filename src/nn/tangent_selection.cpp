// Layers that only move values: each value of dst is one of src, or zero.
#include <algorithm>

#include "nn/tangent_layer.hpp"

namespace etalon {
namespace {

class Selection : public TangentLayer {
 public:
  Selection(std::int64_t dst_size, TangentTensor& src)
      : TangentLayer(src, dst_size), from_(static_cast<std::size_t>(dst_size), -1) {}

  void forward(const float*) override { select(src_.value, dst_.value); }
  void forward_dot(const float*, const float*) override { select(src_.dot, dst_.dot); }
  void backward(const float*) override { spread(dst_.diff, src_.diff); }
  void backward_dot(const float*, const float*, const GradientSink&) override {
    spread(dst_.diff_dot, src_.diff_dot);
  }

  std::vector<std::int64_t>& from() { return from_; }

 protected:
  void select(const AlignedVector& from, AlignedVector& to) const {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = from_[i] < 0 ? 0.0f : from[static_cast<std::size_t>(from_[i])];
    }
  }
  void spread(const AlignedVector& from, AlignedVector& to) const {
    std::fill(to.begin(), to.end(), 0.0f);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from_[i] >= 0) to[static_cast<std::size_t>(from_[i])] += from[i];
    }
  }

 private:
  std::vector<std::int64_t> from_;  // of the whole batch: indices into src
};

class Pooling final : public Selection {
 public:
  Pooling(const MaxPoolSpec& spec, std::int64_t batch_size, TangentTensor& src)
      : Selection(batch_size * spec.out().size(), src), spec_(spec), batch_size_(batch_size) {}

  void forward(const float* weights) override {
    const ImageShape out = spec_.out();
    std::size_t at = 0;
    for (std::int64_t plane = 0; plane < batch_size_ * out.channels; ++plane) {
      for (std::int64_t y = 0; y < out.height; ++y) {
        for (std::int64_t x = 0; x < out.width; ++x) from()[at++] = largest_in(plane, y, x);
      }
    }
    Selection::forward(weights);
  }

 private:
  std::int64_t largest_in(std::int64_t plane, std::int64_t y, std::int64_t x) const {
    const std::int64_t corner =
        (plane * spec_.in.height + y * spec_.window) * spec_.in.width + x * spec_.window;
    std::int64_t best = corner;
    for (std::int64_t i = 0; i < spec_.window * spec_.window; ++i) {
      const std::int64_t at = corner + i / spec_.window * spec_.in.width + i % spec_.window;
      if (value(at) > value(best)) best = at;
    }
    return best;
  }
  float value(std::int64_t index) const { return src_.value[static_cast<std::size_t>(index)]; }

  const MaxPoolSpec spec_;
  const std::int64_t batch_size_;
};

}  // namespace

std::unique_ptr<TangentLayer> make_selection(std::int64_t batch_size, std::int64_t src_size,
                                             std::int64_t dst_size, const Selected& selected,
                                             TangentTensor& src) {
  auto layer = std::make_unique<Selection>(batch_size * dst_size, src);
  for (std::int64_t i = 0; i < dst_size; ++i) {
    const std::int64_t from = selected(i);
    for (std::int64_t n = 0; from >= 0 && n < batch_size; ++n) {
      layer->from()[static_cast<std::size_t>(n * dst_size + i)] = n * src_size + from;
    }
  }
  return layer;
}

std::unique_ptr<TangentLayer> make_pooling(const MaxPoolSpec& spec, std::int64_t batch_size,
                                           TangentTensor& src) {
  return std::make_unique<Pooling>(spec, batch_size, src);
}

}  // namespace etalon
