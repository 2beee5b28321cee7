#include "etalon/error.hpp"

#include <gtest/gtest.h>

namespace etalon {
namespace {

std::string shout(std::string_view name) { return std::string("<").append(name).append(">"); }

TEST(Error, JoinsWhatHappenedWhereAndWhatToDo) {
  EXPECT_STREQ(InputError("it is short", "a.csv", "add runs").what(),
               "it is short, a.csv, add runs");
  EXPECT_STREQ(InputError("it is short", "", "").what(), "it is short");
}

TEST(Error, NamesFieldsAsTheLibraryDoesAndAsWhoeverAsksDoes) {
  const InputError error(field_name("seeds") + " is 1", field_name("plateau.factor"),
                         "use " + field_name("optimizer") + " adamw");
  EXPECT_STREQ(error.what(), "seeds is 1, plateau.factor, use optimizer adamw");
  EXPECT_EQ(error.message_with(shout), "<seeds> is 1, <plateau.factor>, use <optimizer> adamw");
}

TEST(Error, LeavesTextWithHalfAMarkAlone) {
  const InputError error(
      "a\x03"
      "b\x02"
      "c",
      "", "");
  EXPECT_STREQ(error.what(),
               "a\x03"
               "b\x02"
               "c");
  EXPECT_EQ(error.message_with(shout),
            "a\x03"
            "b\x02"
            "c");
}

TEST(Error, KeepsItsFieldsInAnErrorMadeOfIt) {
  const InputError inner(field_name("lr") + " is 0", "", "");
  const RunError outer(inner.marked(), "trial 3", "");
  EXPECT_STREQ(outer.what(), "lr is 0, trial 3");
  EXPECT_EQ(outer.message_with(shout), "<lr> is 0, trial 3");
}

}  // namespace
}  // namespace etalon
