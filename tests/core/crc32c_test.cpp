#include "core/crc32c.hpp"

#include <gtest/gtest.h>

#include <string>

namespace etalon {
namespace {

// The examples of RFC 3720, B.4, and the check value of the polynomial.
TEST(Crc32c, GivesTheValuesOfItsStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, IsMaskedAsInRecordFiles) { EXPECT_EQ(masked_crc32c("123456789"), 0xC78AB0E5u); }

}  // namespace
}  // namespace etalon
