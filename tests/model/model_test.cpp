#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "model/model_builder.hpp"
#include "model/parameters.hpp"

namespace etalon {
namespace {

const ModelTask kImages{{3, 32, 32}, 10};
const ModelTask kText{{1, 1, 64}, 256, 256};

std::string refusal(const std::string& name, const ModelTask& task) {
  try {
    parse_model(name, task);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ParseModel, BuiltInsHaveTheirKnownNumberOfParameters) {
  const auto parameters = [](const char* name, const ModelTask& task) {
    return parameter_layout(parse_model(name, task)).size;
  };
  // Convolutions of 3x3 and, in two shortcuts, of 1x1; two for each channel of nine norms; answers.
  EXPECT_EQ(parameters("resnet8", kImages),
            9 * (3 * 16 + 2 * 16 * 16 + 16 * 32 + 32 * 32 + 32 * 64 + 64 * 64) + 16 * 32 + 32 * 64 +
                2 * 3 * (16 + 32 + 64) + 64 * 10 + 10);
  // He et al. 2015: 0.27 million.
  EXPECT_NEAR(static_cast<double>(parameters("resnet20", kImages)), 0.27e6, 0.01e6);
  // 12·D² + 13·D a layer, the table, the positions, the last norm.
  EXPECT_EQ(parameters("gpt:2x128x4", kText),
            2 * (12 * 128 * 128 + 13 * 128) + 256 * 128 + 64 * 128 + 2 * 128);
}

TEST(ParseModel, SegmentsLieOneBehindAnotherAndStatisticsBehindThem) {
  for (const char* name : {"resnet8", "resnet20,ghost=16", "vit:tiny", "lenet"}) {
    const ParameterLayout layout = parameter_layout(parse_model(name, kImages));
    std::int64_t next = 0;
    for (const Segment& segment : layout.segments) {
      EXPECT_EQ(segment.offset, next) << name << " " << segment.name;
      next += segment.size;
    }
    EXPECT_EQ(layout.size, next);
    for (const Segment& segment : layout.statistics) {
      EXPECT_EQ(segment.offset, next) << name << " " << segment.name;
      next += segment.size;
    }
    EXPECT_EQ(layout.whole_size(), next);
  }
}

TEST(ParseModel, SaysWhatAModelCannotTake) {
  EXPECT_THAT(refusal("lenet", {{1, 8, 8}, 10}), ::testing::HasSubstr("at least 12x12, not 1x8x8"));
  EXPECT_THAT(refusal("resnet8", kText), ::testing::HasSubstr("not text"));
  EXPECT_THAT(refusal("mlp:8", kText), ::testing::HasSubstr("gpt:2x128x4"));
  EXPECT_THAT(refusal("gpt:2x128x4", kImages), ::testing::HasSubstr("takes text, not 3x32x32"));
  for (const char* name : {"gpt:2x128", "gpt:2x128x3", "gpt:0x8x1", "gpt:2x128x4,dropout=1",
                           "gpt:2x128x4,dropout=", "gpt:"}) {
    EXPECT_THAT(refusal(name, kText), ::testing::HasSubstr("write it like gpt:2x128x4")) << name;
  }
  for (const char* name :
       {"resnet9", "resnet", "resnet8,ghost=0", "resnet8,norm=layer", "resnet8,", "resnet2"}) {
    EXPECT_THAT(refusal(name, kImages), ::testing::HasSubstr("resnet20,ghost=32")) << name;
  }
  EXPECT_THAT(refusal("resnet8,ghost=4,norm=group", kImages), ::testing::HasSubstr("no ghost"));
}

TEST(ModelBuilder, NamesTheLayerAndBothShapesWhereTheyDoNotFit) {
  ModelBuilder model("own", kImages);
  model.add(ConvolutionSpec{8, 3, 1, 1});
  try {
    model.add(ConvolutionSpec{9, 3, 1, 1, 3});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("layer convolution2 cannot take 8x32x32"));
  }
  try {
    model.add_residual([&] { model.add(PoolSpec{}); });
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(),
                ::testing::HasSubstr("its body gives 8x16x16 and its shortcut 8x32x32"));
  }
}

}  // namespace
}  // namespace etalon
