#include "model/built_in_models.hpp"

#include <fmt/format.h>

#include <cmath>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr double kTransformerDeviation = 0.02;  // GPT-2's

void require_image(const ModelBuilder& model, std::int64_t least) {
  const TensorShape& input = model.shape();
  if (model.task().vocabulary == 0 && input.height >= least && input.width >= least) return;
  throw InputError(fmt::format("{} needs images of at least {}x{}, not {}", model.name(), least,
                               least, model.task().vocabulary > 0 ? "text" : to_text(input)),
                   field_name("model"),
                   "use mlp:128 for rows and small images, gpt:2x128x4 for text");
}

// What a dense layer takes: numbers.
void require_numbers(const ModelBuilder& model) {
  if (model.task().vocabulary == 0) return;
  throw InputError(fmt::format("{} takes numbers, and text is made of tokens", model.name()),
                   field_name("model"), "use gpt:2x128x4");
}

void add_convolution_and_norm(ModelBuilder& model, std::int64_t channels, std::int64_t kernel,
                              std::int64_t stride, const ResnetSettings& settings, bool relu) {
  model.add(ConvolutionSpec{channels, kernel, stride, kernel / 2, 1, Activation::none, false});
  NormSpec norm{settings.norm, 1, settings.ghost, relu ? Activation::relu : Activation::none};
  if (settings.norm == NormSpec::Kind::group) norm.groups = 8;
  model.add(norm);
}

void add_block(ModelBuilder& model, std::int64_t channels, std::int64_t stride,
               const ResnetSettings& settings) {
  const auto body = [&] {
    add_convolution_and_norm(model, channels, 3, stride, settings, true);
    add_convolution_and_norm(model, channels, 3, 1, settings, false);
  };
  ModelBuilder::Branch shortcut;
  if (stride != 1 || model.shape().channels != channels) {
    shortcut = [&] { add_convolution_and_norm(model, channels, 1, stride, settings, false); };
  }
  model.add_residual(body, shortcut, Activation::relu);
}

void add_dropout(ModelBuilder& model, double rate) {
  if (rate > 0.0) model.add(DropoutSpec{rate});
}

// One layer of a transformer; what is added to the residual stream starts smaller the more layers
// add to it, as GPT-2's does.
void add_transformer_layer(ModelBuilder& model, const TransformerSettings& settings, bool causal) {
  const std::int64_t features = settings.features;
  const double last = kTransformerDeviation / std::sqrt(2.0 * static_cast<double>(settings.layers));
  model.add_residual([&] {
    model.add(NormSpec{NormSpec::Kind::layer});
    model.add(DenseSpec{3 * features, Activation::none, false, kTransformerDeviation});
    model.add(AttentionSpec{settings.heads, causal});
    model.add(DenseSpec{features, Activation::none, false, last});
    add_dropout(model, settings.dropout);
  });
  model.add_residual([&] {
    model.add(NormSpec{NormSpec::Kind::layer});
    model.add(DenseSpec{4 * features, Activation::gelu, false, kTransformerDeviation});
    model.add(DenseSpec{features, Activation::none, false, last});
    add_dropout(model, settings.dropout);
  });
}

void add_transformer(ModelBuilder& model, const TransformerSettings& settings, bool causal) {
  model.add(PositionsSpec{});
  add_dropout(model, settings.dropout);
  for (std::int64_t i = 0; i < settings.layers; ++i) {
    add_transformer_layer(model, settings, causal);
  }
  model.add(NormSpec{NormSpec::Kind::layer});
}

}  // namespace

ModelSpec make_linear(ModelBuilder model) {
  require_numbers(model);
  model.add(FlattenSpec{});
  return model.finish();
}

ModelSpec make_mlp(ModelBuilder model, const std::vector<std::int64_t>& widths) {
  require_numbers(model);
  model.add(FlattenSpec{});
  for (const std::int64_t width : widths) model.add(DenseSpec{width, Activation::relu});
  return model.finish();
}

ModelSpec make_lenet(ModelBuilder model) {
  require_image(model, 12);
  model.add(ConvolutionSpec{6, 5, 1, 2, 1, Activation::relu});
  model.add(PoolSpec{});
  model.add(ConvolutionSpec{16, 5, 1, 0, 1, Activation::relu});
  model.add(PoolSpec{});
  model.add(FlattenSpec{});
  model.add(DenseSpec{120, Activation::relu});
  model.add(DenseSpec{84, Activation::relu});
  return model.finish();
}

ModelSpec make_resnet(ModelBuilder model, const ResnetSettings& settings) {
  require_image(model, 8);
  add_convolution_and_norm(model, 16, 3, 1, settings, true);
  for (const std::int64_t channels : {16, 32, 64}) {
    for (std::int64_t block = 0; block < settings.blocks; ++block) {
      add_block(model, channels, channels > 16 && block == 0 ? 2 : 1, settings);
    }
  }
  model.add(PoolSpec{PoolSpec::Kind::average, 0, 1});
  return model.finish();
}

ModelSpec make_vit(ModelBuilder model, std::int64_t patch, const TransformerSettings& settings) {
  require_image(model, 2 * patch);
  model.add(ConvolutionSpec{settings.features, patch, patch});
  add_transformer(model, settings, false);
  model.add(PoolSpec{PoolSpec::Kind::average, 0, 1});
  return model.finish();
}

ModelSpec make_gpt(ModelBuilder model, const TransformerSettings& settings) {
  const ModelTask& task = model.task();
  if (task.vocabulary == 0 || task.classes != task.vocabulary) {
    throw InputError(fmt::format("{} takes text, not {}", model.name(), to_text(task.input)),
                     field_name("model"), "take a data set of text, or mlp:128, lenet, resnet8");
  }
  model.add(EmbeddingSpec{task.vocabulary, settings.features});
  add_transformer(model, settings, true);
  model.add(DenseSpec{task.vocabulary, Activation::none, true});
  return model.build();
}

}  // namespace etalon
