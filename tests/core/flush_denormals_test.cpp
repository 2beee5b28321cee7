#include "core/flush_denormals.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace etalon {
namespace {

#if defined(__x86_64__)
TEST(FlushDenormals, HoldsInItsScopeAndNoLonger) {
  volatile float smallest = std::numeric_limits<float>::min();
  {
    const FlushDenormals guard;
    EXPECT_EQ(smallest * 0.5f, 0.0f);
  }
  EXPECT_GT(smallest * 0.5f, 0.0f);
}
#endif

}  // namespace
}  // namespace etalon
