// Stacks of layers out of a file: docs/models.md is the format.
#include "model/model_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "etalon/error.hpp"
#include "model/parameters.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

const ModelTask kImages{{1, 28, 28}, 10};
const ModelTask kText{{1, 1, 64}, 256, 256};
const ModelTask kRows{{20, 1, 1}, 0, 0, 3};

std::string example(const char* name) {
  return fmt::format("{}/examples/models/{}", ETALON_SOURCE_DIR, name);
}

ModelSpec model_of(const std::string& text, const ModelTask& task = kImages) {
  return model_from_toml(text, "net.toml", task);
}

std::string refusal(const std::string& text, const ModelTask& task = kImages) {
  try {
    model_of(text, task);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

// A line a segment: whatever initial weights, optimizers and checkpoints know of a model.
std::string layout_of(const ModelSpec& model) {
  const ParameterLayout layout = parameter_layout(model);
  std::string text;
  for (const auto* part : {&layout.segments, &layout.statistics}) {
    for (const Segment& segment : *part) {
      text += fmt::format("{} at {} deviates {} of {}\n", segment.name, segment.offset,
                          segment.deviation, fmt::join(segment.shape, " "));
    }
  }
  return text;
}

TEST(ModelFile, GivesTheLayoutsOfTheBuiltIns) {
  const auto own = [](const char* name, const ModelTask& task) {
    return layout_of(parse_model(example(name), task));
  };
  EXPECT_EQ(own("lenet.toml", kImages), layout_of(parse_model("lenet", kImages)));
  EXPECT_EQ(own("resnet8.toml", kImages), layout_of(parse_model("resnet8", kImages)));
  EXPECT_EQ(own("gpt.toml", kText), layout_of(parse_model("gpt:2x128x4", kText)));
}

TEST(ModelFile, NamesTheModelAfterItselfUnlessItSays) {
  EXPECT_EQ(parse_model(example("lenet.toml"), kImages).name, "lenet.toml");
  EXPECT_EQ(parse_model(example("resnet8.toml"), kImages).name, "my-resnet8");
}

TEST(ModelFile, GivesItsCanonicalTextWhichGivesTheSameModel) {
  for (const auto& [name, task] :
       {std::pair{"lenet.toml", kImages}, {"resnet8.toml", kImages}, {"gpt.toml", kText}}) {
    const ModelSpec model = parse_model(example(name), task);
    const ModelSpec again = model_from_toml(model.stack, "elsewhere.toml", task);
    EXPECT_EQ(again.name, model.name);
    EXPECT_EQ(again.stack, model.stack);
    EXPECT_EQ(layout_of(again), layout_of(model));
  }
}

TEST(ModelFile, IsTheSameInAnySpelling) {
  const std::string sections = "# mine\n[[layer]]\nkind = 'flatten'\n[[layer]]\nkind='linear'\n";
  const std::string flow = "layer = [{kind = \"flatten\"}, {kind = \"linear\"}]";
  EXPECT_EQ(canonical_model(sections, "a/net.toml"), canonical_model(flow, "net.toml"));
  EXPECT_EQ(canonical_model(flow, "net.toml"),
            "name = 'net.toml'\nlayer = [\n  {kind = 'flatten'},\n  {kind = 'linear'},\n]\n");
}

TEST(ModelFile, TakesEveryKindOfLayer) {
  const ModelSpec model = model_of(R"(layer = [
    {kind = "convolution", channels = 8, kernel = 3, stride = 2, padding = 1, activation = "tanh"},
    {kind = "group_norm", groups = 4, activation = "gelu"},
    {kind = "convolution", channels = 8, kernel = 3, groups = 8, bias = false},
    {kind = "batch_norm", ghost = 16},
    {kind = "relu"},
    {kind = "average_pool", window = 2},
    {kind = "residual", activation = "tanh", body = [{kind = "dense", features = 8}]},
    {kind = "layer_norm"},
    {kind = "dropout", rate = 0.25},
    {kind = "global_max_pool"},
    {kind = "repeat", times = 2, layers = [{kind = "linear", features = 5}, {kind = "gelu"}]},
    {kind = "linear"}])");
  std::vector<std::string> names;
  for (const LayerSpec& layer : model.layers) {
    names.push_back(fmt::format("{} {}", layer.name, to_text(layer.out)));
  }
  EXPECT_THAT(names, ::testing::ElementsAre(
                         "convolution1 8x14x14", "activation1 8x14x14", "group_norm1 8x14x14",
                         "activation2 8x14x14", "convolution2 8x12x12", "batch_norm1 8x12x12",
                         "activation3 8x12x12", "pool1 8x6x6", "residual1 8x6x6",
                         "activation4 8x6x6", "layer_norm1 8x6x6", "dropout1 8x6x6", "pool2 8",
                         "dense2 5", "activation5 5", "dense3 5", "activation6 5", "dense4 10"));
  EXPECT_EQ(std::get<NormSpec>(model.layers[5].kind).ghost, 16);
  EXPECT_EQ(std::get<ConvolutionSpec>(model.layers[4].kind).groups, 8);
  EXPECT_EQ(std::get<DropoutSpec>(model.layers[11].kind).rate, 0.25);
}

TEST(ModelFile, EndsInWhatTheDataAsksFor) {
  EXPECT_EQ(model_of("layer = [{kind = 'linear'}]", kRows).layers.back().out.channels, 3);
  EXPECT_THAT(refusal("layer = [{kind = 'flatten'}, {kind = 'linear', features = 9}]"),
              HasSubstr("dense1, the last layer, gives 9 and the data asks for 10 classes"));
  EXPECT_THAT(refusal("layer = [{kind = 'linear'}]"),
              HasSubstr("gives 10x28x28 and the data asks for 10 classes, net.toml"));
}

TEST(ModelFile, NamesTheLineTheLayerAndBothShapesWhereTheyDoNotFit) {
  EXPECT_THAT(refusal("layer = [\n {kind = 'convolution', channels = 8, kernel = 3},\n"
                      " {kind = 'convolution', channels = 9, kernel = 3, groups = 3}]"),
              HasSubstr("layer convolution2 cannot take 8x26x26: 8 channels do not divide by 3, "
                        "net.toml:3"));
  EXPECT_THAT(refusal("[[layer]]\nkind = 'residual'\nbody = [\n{kind = 'max_pool', window = 2}]"),
              HasSubstr("its body gives 1x14x14 and its shortcut 1x28x28, net.toml:1"));
  EXPECT_THAT(refusal("layer = [{kind = 'convolution', channels = 1, kernel = 40}]"),
              HasSubstr("a window of 40 is larger than 28, net.toml:1"));
}

TEST(ModelFile, SaysWhatIsWrongWithASettingAndWhere) {
  const auto says = [](const std::string& layer, const char* what) {
    const std::string text = fmt::format("[[layer]]\nkind = 'flatten'\n[[layer]]\n{}", layer);
    EXPECT_THAT(refusal(text), HasSubstr(what)) << layer;
  };
  says("kind = 'linaer'", "there is no kind of layer 'linaer', net.toml:4, did you mean linear?");
  says("feetures = 3\nkind = 'linear'", "linear has no 'feetures', net.toml:4, did you mean feat");
  says("features = 3", "the layer has no 'kind', net.toml:3, use one of linear, convolution");
  says("kind = 'linear'\nfeatures = 0", "'features' is 0, net.toml:5, it must be a whole number");
  says("kind = 'linear'\nfeatures = 'x'", "'features' is no whole number, net.toml:5");
  says("kind = 'linear'\nactivation = 'reLU6'", "there is no activation 'reLU6', net.toml:5");
  says("kind = 'dropout'\nrate = 1", "'rate' is no number in [0, 1), net.toml:5");
  says("kind = 'dropout'", "the dropout has no 'rate', net.toml:3");
  says("kind = 'convolution'\nchannels = 3", "the layer has no 'kernel', net.toml:3");
  says("kind = 'convolution'\nchannels = 3\nkernel = 3\npadding = 3", "'padding' is 3, net.toml:7");
  says("kind = 'batch_norm'\nghost = 0", "'ghost' is 0, net.toml:5");
  says("kind = 'linear'\ntied = 1", "'tied' is neither true nor false, net.toml:5");
  says("kind = 'residual'", "the residual has no body, net.toml:3");
  says("kind = 'residual'\nbody = 3", "'body' is no list of layers, net.toml:5");
  says("kind = 'repeat'\ntimes = 2", "there is nothing to repeat, net.toml:3");
  says("kind = 'embedding'\nfeatures = 3", "an embedding is for tokens, net.toml:3");
  says("kind = 'linear'\ntied = true", "a tied layer takes the weights of an embedding");
}

TEST(ModelFile, RefusesWhatIsNoListOfLayers) {
  EXPECT_THAT(refusal("seeds = 3"), HasSubstr("a model file has no 'seeds', net.toml:1"));
  EXPECT_THAT(refusal(""), HasSubstr("there are no layers, net.toml, write [[layer]]"));
  EXPECT_THAT(refusal("layer = 3"), HasSubstr("'layer' is no list of layers, net.toml:1"));
  EXPECT_THAT(refusal("layer = [3]"), HasSubstr("'layer' is no list of layers"));
  EXPECT_THAT(refusal("layer = ["), HasSubstr("net.toml:1"));
  EXPECT_THAT(refusal("name = ''\nlayer = [{kind = 'flatten'}, {kind = 'linear'}]"),
              HasSubstr("no line of 1 to 60 characters"));
  EXPECT_THAT(refusal("layer = [{kind = 'flatten'}]", {{10, 1, 1}, 10}),
              HasSubstr("no layer has anything to train"));
}

TEST(ModelFile, ShowsATextNothingOfWhatIsToBePredicted) {
  const auto behind = [](const std::string& layer) {
    return refusal(fmt::format("layer = [{{kind = 'embedding', features = 8}},\n{},\n{{kind = "
                               "'linear'}}]",
                               layer),
                   kText);
  };
  const auto* sees = "of a text this layer sees the bytes that are to be predicted, net.toml:2";
  EXPECT_EQ(behind("{kind = 'layer_norm'}"), "");
  EXPECT_THAT(behind("{kind = 'convolution', channels = 8, kernel = 3, padding = 1}"),
              HasSubstr(sees));
  EXPECT_THAT(behind("{kind = 'group_norm', groups = 2}"), HasSubstr(sees));
  EXPECT_THAT(behind("{kind = 'global_average_pool'}"), HasSubstr(sees));
  EXPECT_THAT(
      behind("{kind = 'linear', features = 24},\n{kind = 'attention', heads = 2, causal = "
             "false}"),
      HasSubstr("of a text this layer sees the bytes that are to be predicted, net.toml:3"));
  EXPECT_THAT(refusal("layer = [{kind = 'linear'}]", kText), HasSubstr("text is made of tokens"));
}

TEST(ModelFile, TiesALastLayerToAnEmbeddingOfTheSameSize) {
  const auto tied = [](const std::string& between, const std::string& behind = "") {
    return refusal(
        fmt::format("layer = [{{kind = 'embedding', features = 8}}, {}{{kind = 'linear', "
                    "tied = true}}{}]",
                    between, behind),
        kText);
  };
  EXPECT_EQ(tied("{kind = 'layer_norm'}, "), "");
  EXPECT_THAT(tied("{kind = 'linear', features = 9}, "),
              HasSubstr("takes 9 features to 256, its embedding 256 to 8"));
  EXPECT_THAT(tied("", ", {kind = 'relu'}"), HasSubstr("a tied layer is the last one"));
}

TEST(ModelFile, BoundsWhatAFileCanAskFor) {
  const auto repeated = [](const std::string& layer) {
    return fmt::format("{{kind = 'repeat', times = 1000, layers = [{}]}}", layer);
  };
  EXPECT_THAT(refusal(fmt::format("layer = [{}]", repeated(repeated("{kind = 'relu'}")))),
              HasSubstr("there are more than 10000 layers"));
  EXPECT_THAT(refusal("layer = [{kind = 'linear', features = 1048576}]"),
              HasSubstr("layer dense1 gives 1048576x28x28, which is too large"));
  std::string deep = "{kind = 'relu'}";
  for (int i = 0; i < 300; ++i) deep = fmt::format("{{kind = 'residual', body = [{}]}}", deep);
  EXPECT_THAT(refusal(fmt::format("layer = [{}]", deep)), HasSubstr("net.toml:1"));
}

}  // namespace
}  // namespace etalon
