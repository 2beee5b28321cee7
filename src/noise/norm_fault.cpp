#include "noise/norm_fault.hpp"

#include <fmt/format.h>

#include <cmath>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr double kSame = 1e-3;       // relative, of squared norms that were clipped to one length
constexpr double kGrows = 0.2;       // exponents of B that no noise in norms that fall brings about
constexpr double kShortest = 1e-20;  // below which a squared norm is one of zeros

bool are_all_one(const NormTrend& trend) {
  return trend.greatest_squared_norm - trend.least_squared_norm <=
         kSame * trend.greatest_squared_norm;
}

// p of |g_B| ∝ B^p between the least and the greatest batch size.
double exponent_of(const NormTrend& trend) {
  return 0.5 * std::log(trend.big_squared_norm / trend.small_squared_norm) /
         std::log(trend.big_batch_size / trend.small_batch_size);
}

std::string lengths_of(const NormTrend& trend) {
  return fmt::format("{:.4g} at batch size {:.6g}, {:.4g} at {:.6g}",
                     std::sqrt(trend.small_squared_norm), trend.small_batch_size,
                     std::sqrt(trend.big_squared_norm), trend.big_batch_size);
}

[[noreturn]] void refuse_rising(const NormTrend& trend, const NoiseScale& scale,
                                const std::string& source) {
  const double exponent = exponent_of(trend);
  if (exponent > kGrows) {
    throw InputError(
        fmt::format("gradient norms grow with the batch size, about as B^{:.2f} ({}), as those of "
                    "summed gradients do",
                    exponent, lengths_of(trend)),
        source,
        "average the gradient over examples and micro-batches before its norm is taken; a loss "
        "scale that grows looks the same");
  }
  const bool may_fall = scale.covariance_trace.high && *scale.covariance_trace.high > 0.0;
  throw InputError(
      fmt::format("gradient norms do not fall with the batch size ({})", lengths_of(trend)), source,
      fmt::format("log them averaged over micro-batches, not summed, before clipping, and without "
                  "the loss scale{}",
                  may_fall ? "; or give more rows, if these are as they should be" : ""));
}

}  // namespace

void check_norms(const NormTrend& trend, const NoiseScale& scale, const std::string& source) {
  if (trend.greatest_squared_norm <= kShortest) {
    throw InputError("all gradient norms are zero", source, "log them before they are cleared");
  }
  if (are_all_one(trend)) {
    throw InputError(fmt::format("all gradient norms are {:.4g}, as clipping leaves them",
                                 std::sqrt(trend.greatest_squared_norm)),
                     source, "log them before clipping");
  }
  if (!(scale.covariance_trace.value > 0.0)) refuse_rising(trend, scale, source);
  if (scale.squared_gradient.high && *scale.squared_gradient.high < 0.0) {
    throw InputError(
        fmt::format("gradient norms fall faster with the batch size than those of averages can "
                    "({})",
                    lengths_of(trend)),
        source,
        fmt::format("divide by the number of micro-batches once; and say {} where they are "
                    "squared already",
                    field_name("norms squared")));
  }
}

}  // namespace etalon
