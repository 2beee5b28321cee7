// How the library's names of settings read on the command line.
#include "cli/flag_names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace etalon::cli {
namespace {

TEST(FlagNames, AreThoseOfTheCommandThatRuns) {
  constexpr FieldFlag kOwn[] = {{"batch_sizes", "--to"}, {"runs", "RUNS"}};
  CLI::App app;
  double value = 0.0;
  for (const char* flag : {"--lr", "--weight-decay", "--plateau-factor", "--epochs", "--to"}) {
    app.add_option(flag, value);
  }
  name_fields_by(app);
  EXPECT_EQ(flag_of("weight_decay", {}), "--weight-decay");
  EXPECT_EQ(flag_of("plateau.factor", {}), "--plateau-factor");
  // By the table of exceptions, of all commands and of this one.
  EXPECT_EQ(flag_of("lr_center", {}), "--lr");
  EXPECT_EQ(flag_of("first_lr", {}), "--lr");
  EXPECT_EQ(flag_of("budget_epochs", {}), "--epochs");
  EXPECT_EQ(flag_of("batch_sizes", kOwn), "--to");
  EXPECT_EQ(flag_of("runs", kOwn), "RUNS");
  // In words where the command has no such flag.
  EXPECT_EQ(flag_of("no_such_setting", {}), "no such setting");
}

}  // namespace
}  // namespace etalon::cli
