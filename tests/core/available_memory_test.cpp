#include "core/available_memory.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

// A control group with the files that the kernel writes, of version 2.
class ControlGroupFiles : public ::testing::Test {
 protected:
  void write(const char* name, const char* text) const {
    std::ofstream(directory_.path() / name) << text;
  }
  std::optional<std::int64_t> left() const {
    return memory_left_in({directory_.path(), "memory.max", "memory.current"});
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(ControlGroupFiles, PagesOfFilesAreFreeToTake) {
  write("memory.max", "8000\n");
  write("memory.current", "7900\n");
  write("memory.stat", "anon 2900\nfile 5000\ninactive_file 3000\nactive_file 1900\nshmem 100\n");
  EXPECT_EQ(left(), 8000 - 7900 + 3000 + 1900);
}

TEST_F(ControlGroupFiles, WithoutCountsAllThatIsUsedIsTaken) {
  write("memory.max", "8000\n");
  write("memory.current", "7900\n");
  EXPECT_EQ(left(), 100);
  write("memory.current", "8100\n");
  EXPECT_EQ(left(), 0);
}

TEST_F(ControlGroupFiles, WithoutALimitNothingIsSaid) {
  EXPECT_EQ(left(), std::nullopt);
  write("memory.max", "max\n");
  write("memory.current", "7900\n");
  EXPECT_EQ(left(), std::nullopt);
}

TEST(AvailableMemory, IsKnownHere) {
  const auto bytes = available_memory();
  ASSERT_TRUE(bytes.has_value());
  EXPECT_GT(*bytes, 0);
}

}  // namespace
}  // namespace etalon
