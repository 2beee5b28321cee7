// Layers that only move values: each value of dst is one of src, or zero.
#include <algorithm>

#include "nn/tangent_layer.hpp"

namespace etalon {
namespace {

// How many values one example has before and after, and how far apart the patterns of two examples
// lie: 0 where all have the same.
struct SelectionShape {
  std::int64_t batch_size = 0, src_size = 0, dst_size = 0, pattern_apart = 0;
};

class Selection : public TangentLayer {
 public:
  Selection(const SelectionShape& shape, TangentTensor& src)
      : TangentLayer(src, shape.batch_size * shape.dst_size), shape_(shape) {
    const bool is_shared = shape.pattern_apart == 0;
    from_.resize(static_cast<std::size_t>((is_shared ? 1 : shape.batch_size) * shape.dst_size));
  }

  void forward(const float*) override { select(src_.value, dst_.value); }
  void forward_dot(const float*, const float*) override { select(src_.dot, dst_.dot); }
  void backward(const float*) override { spread(dst_.diff, src_.diff); }
  void backward_dot(const float*, const float*, const GradientSink&) override {
    spread(dst_.diff_dot, src_.diff_dot);
  }

  std::vector<std::int32_t>& from() { return from_; }

 protected:
  const SelectionShape& shape() const { return shape_; }

 private:
  void select(const AlignedVector& from, AlignedVector& to) const {
    for (std::int64_t n = 0; n < shape_.batch_size; ++n) {
      const std::int32_t* pattern = from_.data() + n * shape_.pattern_apart;
      const float* source = from.data() + n * shape_.src_size;
      float* target = to.data() + n * shape_.dst_size;
      for (std::int64_t i = 0; i < shape_.dst_size; ++i) {
        target[i] = pattern[i] < 0 ? 0.0f : source[pattern[i]];
      }
    }
  }

  void spread(const AlignedVector& from, AlignedVector& to) const {
    std::fill(to.begin(), to.end(), 0.0f);
    for (std::int64_t n = 0; n < shape_.batch_size; ++n) {
      const std::int32_t* pattern = from_.data() + n * shape_.pattern_apart;
      const float* source = from.data() + n * shape_.dst_size;
      float* target = to.data() + n * shape_.src_size;
      for (std::int64_t i = 0; i < shape_.dst_size; ++i) {
        if (pattern[i] >= 0) target[pattern[i]] += source[i];
      }
    }
  }

  const SelectionShape shape_;
  std::vector<std::int32_t> from_;  // indices into the example's src; below 0: none
};

class Pooling final : public Selection {
 public:
  Pooling(const TensorShape& in, const TensorShape& out, std::int64_t batch_size,
          TangentTensor& src)
      : Selection({batch_size, in.size(), out.size(), out.size()}, src),
        in_(in),
        out_(out),
        window_(in.height / out.height) {}

  void forward(const float* weights) override {
    std::size_t at = 0;
    for (std::int64_t n = 0; n < shape().batch_size; ++n) {
      const float* example = src_.value.data() + n * shape().src_size;
      for (std::int64_t i = 0; i < out_.size(); ++i) {
        const std::int64_t plane = i / out_.pixels();
        from()[at++] = largest_in(example, plane, i / out_.width % out_.height, i % out_.width);
      }
    }
    Selection::forward(weights);
  }

 private:
  std::int32_t largest_in(const float* example, std::int64_t plane, std::int64_t y,
                          std::int64_t x) const {
    const std::int64_t corner = (plane * in_.height + y * window_) * in_.width + x * window_;
    std::int64_t best = corner;
    for (std::int64_t i = 0; i < window_ * window_; ++i) {
      const std::int64_t at = corner + i / window_ * in_.width + i % window_;
      if (example[at] > example[best]) best = at;
    }
    return static_cast<std::int32_t>(best);
  }

  const TensorShape in_, out_;
  const std::int64_t window_;
};

}  // namespace

std::unique_ptr<TangentLayer> make_selection(std::int64_t batch_size, std::int64_t src_size,
                                             std::int64_t dst_size, const Selected& selected,
                                             TangentTensor& src) {
  auto layer = std::make_unique<Selection>(SelectionShape{batch_size, src_size, dst_size, 0}, src);
  for (std::int64_t i = 0; i < dst_size; ++i) {
    layer->from()[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(selected(i));
  }
  return layer;
}

std::unique_ptr<TangentLayer> make_pooling(const TensorShape& in, const TensorShape& out,
                                           std::int64_t batch_size, TangentTensor& src) {
  return std::make_unique<Pooling>(in, out, batch_size, src);
}

}  // namespace etalon
