#include "core/spec_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

template <typename Use>
std::string refusal(Use use) {
  try {
    use();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(SpecText, HasAKindWordsAndSettings) {
  const SpecText spec("data", "npy:a.npy,b.npy,test=0.2,seed=7", 2);
  EXPECT_EQ(spec.kind(), "npy");
  EXPECT_EQ(spec.word(0), "a.npy");
  EXPECT_EQ(spec.word(1), "b.npy");
  EXPECT_EQ(spec.word(2), "");
  EXPECT_EQ(spec.value("test"), "0.2");
  EXPECT_EQ(spec.number("test", kShare), 0.2);
  EXPECT_EQ(spec.whole_number("seed", 0, 9), 7);
  EXPECT_FALSE(spec.value("label"));
  EXPECT_FALSE(spec.number("noise", kShare));
}

TEST(SpecText, TakesSettingsBeforeAllItsWordsAreThere) {
  const SpecText spec("data", "npy:a.npy,test=0.2", 2);
  EXPECT_EQ(spec.word(1), "");
  EXPECT_EQ(spec.value("test"), "0.2");
}

TEST(SpecText, MayBeAKindAlone) {
  EXPECT_EQ(SpecText("data", "fashion-mnist", 0).kind(), "fashion-mnist");
  EXPECT_EQ(SpecText("data", "idx:", 1).word(0), "");
}

TEST(SpecText, TakesAWordWithAnEqualsSignInItsPlace) {
  EXPECT_EQ(SpecText("data", "csv:a=b.csv", 1).word(0), "a=b.csv");
}

TEST(SpecText, SaysWhatIsWrong) {
  const SpecText spec("data", "text:f,context=x,noise=2", 1);
  EXPECT_THAT(
      refusal([&] { spec.whole_number("context", 1, 9); }),
      HasSubstr("context is 'x', data 'text:f,context=x,noise=2', it must be a whole number "
                "from 1 to 9"));
  EXPECT_THAT(refusal([&] { spec.number("noise", kShare); }), HasSubstr("noise is '2'"));
  EXPECT_THAT(refusal([&] {
                spec.check_keys("a text", {"contexts", "noise"});
              }),
              HasSubstr("a text has no 'context', data 'text:f,context=x,noise=2', did you mean"));
  EXPECT_THAT(refusal([] { SpecText("data", "text:f,a=1,a=2", 1); }),
              HasSubstr("'a' is given twice"));
  EXPECT_THAT(refusal([] { SpecText("data", "text:f,", 1); }), HasSubstr("after the last comma"));
}

}  // namespace
}  // namespace etalon
