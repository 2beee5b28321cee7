// What may be a learning rate, a batch size and a loss: one rule, held wherever they enter.
//
// The bounds are far outside what anyone trains with and well inside what doubles can square, so
// that no later sum or product overflows. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace etalon {

inline constexpr double kLeastLr = 1e-30;
inline constexpr double kGreatestLr = 1e30;
inline constexpr std::int64_t kGreatestBatchSize = 1'000'000'000'000'000;  // 1e15
inline constexpr double kGreatestLoss = 1e30;      // of either sign; one beyond is a divergence
inline constexpr std::int64_t kMostRetries = 100;  // of a trial that failed
// So many failed trials of a batch size without any that ended: it is given up.
inline constexpr std::int64_t kHopelessFailures = 3;

// A setting above 0 that as a single-precision number is neither 0 nor infinite.
inline constexpr const char* kPositiveFloat = "in [1e-30, 1e30]";
constexpr bool is_positive_float(double value) { return value >= 1e-30 && value <= 1e30; }

constexpr bool is_valid_lr(double lr) { return lr >= kLeastLr && lr <= kGreatestLr; }
constexpr bool is_valid_batch_size(double batch_size) {
  return batch_size >= 1.0 && batch_size <= static_cast<double>(kGreatestBatchSize);
}
constexpr bool is_valid_loss(double loss) {
  return loss >= -kGreatestLoss && loss <= kGreatestLoss;
}

// Throw InputError naming `field`, the value and the bounds. `where` names the file or line, or is
// empty.
void check_lr(double lr, std::string_view field = "lr", std::string_view where = "");
void check_batch_size(double batch_size, std::string_view field = "batch_size",
                      std::string_view where = "");

// The same for the two-sided coverage of an interval, in (0, 1).
void check_level(double level, std::string_view field = "level", std::string_view where = "");

}  // namespace etalon
