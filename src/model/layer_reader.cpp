#include "model/layer_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/choice.hpp"
#include "core/text.hpp"

namespace etalon {
namespace {

constexpr WholeRange kUnits = {1, 1 << 20};  // features, channels
constexpr WholeRange kWindow = {1, 128};     // kernels, windows, strides
constexpr WholeRange kGhostSize = {1, 1 << 20};
constexpr WholeRange kTimes = {1, 1000};
constexpr std::int64_t kMostLayers = 10000;
constexpr Interval kDropoutRate = {.most = 1.0, .has_most = false};

ConvolutionSpec convolution_of(const LayerTable& layer) {
  ConvolutionSpec spec;
  spec.out_channels = layer.needed_whole("channels", kUnits);
  spec.kernel = layer.needed_whole("kernel", kWindow);
  spec.stride = layer.whole("stride", kWindow).value_or(1);
  spec.padding = layer.whole("padding", {0, spec.kernel - 1}).value_or(0);
  spec.groups = layer.whole("groups", kUnits).value_or(1);
  spec.bias = layer.flag("bias", true);
  return spec;
}

PoolSpec pool_of(const LayerTable& layer, PoolSpec::Kind kind) {
  const std::int64_t window = layer.needed_whole("window", kWindow);
  return {kind, window, layer.whole("stride", kWindow).value_or(window)};
}

// What sees more than one position of a text, those of the labels among them.
bool mixes_positions(const LayerKind& kind) {
  if (const auto* attention = std::get_if<AttentionSpec>(&kind)) return !attention->causal;
  if (const auto* convolution = std::get_if<ConvolutionSpec>(&kind)) return convolution->kernel > 1;
  if (const auto* norm = std::get_if<NormSpec>(&kind)) return norm->kind != NormSpec::Kind::layer;
  return std::holds_alternative<PoolSpec>(kind) || std::holds_alternative<FlattenSpec>(kind);
}

}  // namespace

// How each kind is made of a table.
struct LayerKinds {
  using Add = void (*)(LayerReader&, const LayerTable&);
  struct Known {
    const char* kind;
    std::vector<std::string> keys;
    Add add;
  };

  static void linear(LayerReader& reader, const LayerTable& layer) {
    DenseSpec spec;
    spec.out_features = layer.whole("features", kUnits).value_or(reader.model_.task().answers());
    spec.activation = layer.activation();
    spec.tied = layer.flag("tied", false);
    spec.deviation = layer.number("deviation", kPositive).value_or(0.0);
    if (spec.tied) check_tied(reader, layer, spec);
    reader.add_spec(spec);
    reader.has_tied_ = spec.tied;
  }
  // The table of a tied layer is the whole of it, from the vocabulary to the features.
  static void check_tied(const LayerReader& reader, const LayerTable& layer,
                         const DenseSpec& spec) {
    const auto* table = reader.model_.embedding();
    if (table == nullptr || reader.is_inside_) {
      layer.refuse("a tied layer takes the weights of an embedding",
                   "begin with an embedding, and tie the last layer");
    }
    if (spec.activation != Activation::none) {
      layer.refuse("a tied layer has no activation", "leave it out: it gives the answers");
    }
    const std::int64_t features = reader.model_.shape().channels;
    if (features == table->features && spec.out_features == table->vocabulary) return;
    layer.refuse(fmt::format("the tied layer takes {} features to {}, its embedding {} to {}",
                             features, spec.out_features, table->vocabulary, table->features),
                 "make them the same the other way round");
  }

  static void convolution(LayerReader& reader, const LayerTable& layer) {
    ConvolutionSpec spec = convolution_of(layer);
    const Activation activation = layer.activation();
    if (activation == Activation::relu) spec.activation = activation;
    reader.add_spec(spec);
    if (activation != spec.activation) reader.add_activation(activation);
  }

  static void max_pool(LayerReader& reader, const LayerTable& layer) {
    reader.add_spec(pool_of(layer, PoolSpec::Kind::maximum));
  }
  static void average_pool(LayerReader& reader, const LayerTable& layer) {
    reader.add_spec(pool_of(layer, PoolSpec::Kind::average));
  }
  static void global_max_pool(LayerReader& reader, const LayerTable&) {
    reader.add_spec(PoolSpec{PoolSpec::Kind::maximum, 0, 1});
  }
  static void global_average_pool(LayerReader& reader, const LayerTable&) {
    reader.add_spec(PoolSpec{PoolSpec::Kind::average, 0, 1});
  }

  static void add_norm(LayerReader& reader, const LayerTable& layer, NormSpec spec) {
    const Activation activation = layer.activation();
    const bool takes_relu = spec.kind != NormSpec::Kind::layer;
    if (takes_relu && activation == Activation::relu) spec.activation = activation;
    reader.add_spec(spec);
    if (activation != spec.activation) reader.add_activation(activation);
  }
  static void batch_norm(LayerReader& reader, const LayerTable& layer) {
    const std::int64_t ghost = layer.whole("ghost", kGhostSize).value_or(0);
    add_norm(reader, layer, {NormSpec::Kind::batch, 1, ghost});
  }
  static void group_norm(LayerReader& reader, const LayerTable& layer) {
    add_norm(reader, layer, {NormSpec::Kind::group, layer.needed_whole("groups", kUnits)});
  }
  static void layer_norm(LayerReader& reader, const LayerTable& layer) {
    add_norm(reader, layer, {NormSpec::Kind::layer});
  }

  static void relu(LayerReader& reader, const LayerTable&) {
    reader.add_activation(Activation::relu);
  }
  static void gelu(LayerReader& reader, const LayerTable&) {
    reader.add_activation(Activation::gelu);
  }
  static void tanh(LayerReader& reader, const LayerTable&) {
    reader.add_activation(Activation::tanh);
  }

  static void dropout(LayerReader& reader, const LayerTable& layer) {
    const auto rate = layer.number("rate", kDropoutRate);
    if (!rate) layer.refuse("the dropout has no 'rate'", "write rate = 0.1");
    reader.add_spec(DropoutSpec{*rate});
  }
  static void embedding(LayerReader& reader, const LayerTable& layer) {
    const std::int64_t vocabulary = reader.model_.task().vocabulary;
    if (vocabulary == 0 || reader.count_ > 1) {
      layer.refuse("an embedding is for tokens", "make it the first layer, of a model for text");
    }
    reader.add_spec(EmbeddingSpec{vocabulary, layer.needed_whole("features", kUnits)});
  }
  static void positions(LayerReader& reader, const LayerTable&) {
    reader.add_spec(PositionsSpec{});
  }
  static void attention(LayerReader& reader, const LayerTable& layer) {
    reader.add_spec(AttentionSpec{layer.needed_whole("heads", kUnits), layer.flag("causal", true)});
  }
  static void flatten(LayerReader& reader, const LayerTable&) { reader.add_spec(FlattenSpec{}); }

  static void residual(LayerReader& reader, const LayerTable& layer) {
    const std::vector<LayerTable> body = layer.layers("body"), shortcut = layer.layers("shortcut");
    if (body.empty()) layer.refuse("the residual has no body", "write body = [{kind = \"...\"}]");
    const Activation activation = layer.activation();
    const bool is_fused = activation == Activation::none || activation == Activation::relu;
    const auto branch = [&](const std::vector<LayerTable>& layers) -> ModelBuilder::Branch {
      if (layers.empty()) return {};
      return [&] {
        reader.add(layers);
        reader.model_.set_place(layer.place());
      };
    };
    const bool was_inside = std::exchange(reader.is_inside_, true);
    reader.model_.add_residual(branch(body), branch(shortcut),
                               is_fused ? activation : Activation::none);
    reader.is_inside_ = was_inside;
    if (!is_fused) reader.add_activation(activation);
  }
  static void repeat(LayerReader& reader, const LayerTable& layer) {
    const std::vector<LayerTable> layers = layer.layers("layers");
    if (layers.empty()) layer.refuse("there is nothing to repeat", "write layers = [{...}]");
    const std::int64_t times = layer.needed_whole("times", kTimes);
    for (std::int64_t i = 0; i < times; ++i) reader.add(layers);
  }

  static const std::vector<Known>& known() {
    static const std::vector<Known> kKnown = {
        {"linear", {"features", "activation", "tied", "deviation"}, linear},
        {"convolution",
         {"channels", "kernel", "stride", "padding", "groups", "bias", "activation"},
         convolution},
        {"max_pool", {"window", "stride"}, max_pool},
        {"average_pool", {"window", "stride"}, average_pool},
        {"global_max_pool", {}, global_max_pool},
        {"global_average_pool", {}, global_average_pool},
        {"batch_norm", {"ghost", "activation"}, batch_norm},
        {"group_norm", {"groups", "activation"}, group_norm},
        {"layer_norm", {"activation"}, layer_norm},
        {"relu", {}, relu},
        {"gelu", {}, gelu},
        {"tanh", {}, tanh},
        {"dropout", {"rate"}, dropout},
        {"flatten", {}, flatten},
        {"embedding", {"features"}, embedding},
        {"positions", {}, positions},
        {"attention", {"heads", "causal"}, attention},
        {"residual", {"body", "shortcut", "activation"}, residual},
        {"repeat", {"times", "layers"}, repeat},
    };
    return kKnown;
  }

  static const Known& find(const LayerTable& layer) {
    const std::string name = layer.word("kind").value_or("");
    std::vector<std::string> names;
    names.reserve(known().size());
    for (const Known& each : known()) {
      if (name == each.kind || (name == "dense" && each.add == linear)) return each;
      names.emplace_back(each.kind);
    }
    if (name.empty()) layer.refuse("the layer has no 'kind'", choose_instead("", names));
    layer.refuse("kind", fmt::format("there is no kind of layer '{}'", shortened(name)),
                 choose_instead(name, names));
  }
};

void LayerReader::add(const std::vector<LayerTable>& layers) {
  for (const LayerTable& layer : layers) add(layer);
}

void LayerReader::add(const LayerTable& layer) {
  const LayerKinds::Known& known = LayerKinds::find(layer);
  std::vector<std::string> keys = known.keys;
  keys.emplace_back("kind");
  layer.check_keys(known.kind, keys);
  check_count(layer);
  model_.set_place(layer.place());
  known.add(*this, layer);
}

void LayerReader::check_count(const LayerTable& layer) {
  if (++count_ <= kMostLayers) return;
  layer.refuse(fmt::format("there are more than {} layers", kMostLayers), "repeat fewer");
}

void LayerReader::add_spec(LayerKind kind) {
  const bool is_text = model_.task().vocabulary > 0;
  const bool is_token = is_text && model_.embedding() == nullptr;
  if (is_token && !std::holds_alternative<EmbeddingSpec>(kind)) {
    model_.refuse("text is made of tokens", "make an embedding the first layer");
  }
  if (is_text && mixes_positions(kind)) {
    model_.refuse("of a text this layer sees the bytes that are to be predicted",
                  "take linear, layer_norm and attention that is causal");
  }
  if (has_tied_) model_.refuse("a tied layer is the last one", "leave out what follows it");
  model_.add(std::move(kind));
}

void LayerReader::add_activation(Activation activation) { add_spec(ActivationSpec{activation}); }

std::vector<LayerKindKeys> layer_kind_keys() {
  std::vector<LayerKindKeys> all;
  for (const LayerKinds::Known& known : LayerKinds::known())
    all.push_back({known.kind, known.keys});
  return all;
}

}  // namespace etalon
