// A trial's values in a text: places, braces meant as they are, and what is refused.
#include "program/placed_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::vector<std::string> kKnown = {"batch_size", "lr", "seed"};

TEST(PlacedText, PutsValuesInTheirPlaces) {
  const PlacedText text("--lr={lr},{batch_size}", kKnown);
  EXPECT_EQ(text.with({{"lr", "0.01"}, {"batch_size", "32"}}), "--lr=0.01,32");
  EXPECT_THAT(text.places(), ElementsAre("batch_size", "lr"));
}

TEST(PlacedText, KeepsWhatHasNoPlaceAndWritesDoubledBracesOnce) {
  EXPECT_EQ(PlacedText("train.py", kKnown).with({}), "train.py");
  EXPECT_EQ(PlacedText("", kKnown).with({}), "");
  EXPECT_EQ(PlacedText("{{\"lr\": {lr}}}", kKnown).with({{"lr", "1"}}), "{\"lr\": 1}");
}

TEST(PlacedText, PutsAValueInOnceWhateverItHolds) {
  EXPECT_EQ(PlacedText("{lr} {seed}", kKnown).with({{"lr", "{seed}; $(rm)"}, {"seed", "{{"}}),
            "{seed}; $(rm) {{");
}

TEST(PlacedText, RefusesAPlaceThatNobodyKnows) {
  EXPECT_THAT([] { PlacedText("--lr {learning}", kKnown); },
              ThrowsMessage<InputError>(HasSubstr("use one of batch_size, lr, seed")));
  EXPECT_THAT([] { PlacedText("--batch {batchsize}", kKnown); },
              ThrowsMessage<InputError>(HasSubstr("did you mean batch_size")));
  EXPECT_THAT([] { PlacedText("{nope}", kKnown); },
              ThrowsMessage<InputError>(HasSubstr("placeholder {nope}, use one of")));
  EXPECT_THAT([] { PlacedText("{}", kKnown); },
              ThrowsMessage<InputError>(HasSubstr("there is no placeholder {}")));
}

TEST(PlacedText, RefusesABraceWithoutItsOtherHalf) {
  for (const char* text : {"{lr", "lr}", "{lr{seed}", "{", "}"}) {
    EXPECT_THAT([&] { PlacedText(text, kKnown); },
                ThrowsMessage<InputError>(HasSubstr("without its other half")))
        << text;
  }
}

}  // namespace
}  // namespace etalon
