// Logs of any length are read in bounded memory, and say what they say when read whole.
#include "runs/log_thinning.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "etalon/error.hpp"
#include "runs/run_groups.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Lt;
using ::testing::SizeIs;

// Twelve runs of 500 rows, one after another or a row of each in turn, whose learning rate decays.
std::string log_text(bool in_turn) {
  std::string text = "run_id,step,batch_size,lr,val_loss\n";
  for (int i = 0; i < 12 * 500; ++i) {
    const int run = in_turn ? i % 12 : i / 500;
    const int step = 1 + (in_turn ? i / 12 : i % 500);
    const double lr = 0.01 * (1 + run / 2) * (1.0 - step / 501.0);
    text += fmt::format("{},{},{},{},{}\n", run, step, 32 << (run % 2), lr,
                        step % 5 == 0 ? fmt::format("{}", 2.0 + 1.0 / step + 0.01 * run) : "");
  }
  return text;
}

Table read(const std::string& text, std::size_t most_rows, const RequestedColumns& requested) {
  std::istringstream input(text);
  TableOptions options;
  options.most_rows = most_rows;
  options.is_wanted = [&](std::string_view name) { return requested.is_wanted(name); };
  options.thin = [&](const Table& table) { return thin_log(table, requested, most_rows / 4); };
  return read_table(input, "log", options);
}

TEST(LogThinning, LeavesWhatTheRunsCameTo) {
  const RequestedColumns requested;
  for (const bool in_turn : {false, true}) {
    const std::string text = log_text(in_turn);
    const Table whole = read(text, 1'000'000, requested);
    const Table thinned = read(text, 400, requested);
    ASSERT_THAT(whole.lines, SizeIs(6000));
    EXPECT_THAT(thinned.lines.size(), Lt(401U));
    const auto runs_of = [&](const Table& table) {
      return group_runs(table, guess_columns(table, requested).columns).groups.at(0).observations;
    };
    const auto all = runs_of(whole), some = runs_of(thinned);
    ASSERT_THAT(some, SizeIs(all.size()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(some[i].batch_size, all[i].batch_size);
      EXPECT_EQ(some[i].lr, all[i].lr);
      EXPECT_EQ(some[i].loss, all[i].loss);
    }
  }
}

TEST(LogThinning, LeavesTablesOfRunsAlone) {
  std::string text = "batch_size,lr,loss\n";
  for (int i = 1; i <= 50; ++i) text += fmt::format("32,{},2\n", 0.001 * i);
  try {
    read(text, 40, {});
    FAIL() << "not refused";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("more than 40 rows"));
  }
}

}  // namespace
}  // namespace etalon
