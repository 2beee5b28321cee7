#include "study/generalization_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace etalon {
namespace {

constexpr int kMostDecimals = 9;

// As many as say half an interval's width by one digit, by two where that digit is a 1 or a 2; of a
// value without an interval, four.
int decimals_of(const std::optional<double>& low, const std::optional<double>& high) {
  constexpr int kWithout = 4;
  constexpr double kTelling = 3.0;
  if (!low || !high || !(*high > *low)) return kWithout;
  const double decimals = -std::floor(std::log10((*high - *low) / 2.0 / kTelling));
  return static_cast<int>(std::clamp(decimals, 0.0, static_cast<double>(kMostDecimals)));
}

// "0.040 [0.036, 0.044]"
std::string measured(double value, const std::optional<double>& low,
                     const std::optional<double>& high) {
  const int decimals = decimals_of(low, high);
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (low && high) text += fmt::format(" [{:.{}f}, {:.{}f}]", *low, decimals, *high, decimals);
  return text;
}

std::string gap_text(const GeneralizationGap& at) { return measured(at.gap, at.low, at.high); }

std::string first_gap(const GeneralizationGap& at) {
  return fmt::format("Validation loss exceeds training loss by {} at B={}", gap_text(at),
                     at.batch_size);
}

// Of a slope that is told; without its sign where it is said in words.
std::string slope_text(const Generalization& found) {
  const double sign = found.trend == GapTrend::shrinks ? -1.0 : 1.0;
  double low = sign * found.slope_low.value(), high = sign * found.slope_high.value();
  if (low > high) std::swap(low, high);
  return measured(sign * found.slope.value(), low, high);
}

// The confound: who took more steps fits the training set further, and has the greater gap by that.
std::string fit_text(const Generalization& found) {
  const GeneralizationGap& small = found.gaps.front();
  const GeneralizationGap& large = found.gaps.back();
  const bool agrees = (small.train_loss < large.train_loss) == (found.trend == GapTrend::grows);
  return fmt::format("{} it fits the training set {} (training loss {:.3f} against {:.3f})",
                     agrees ? "and" : "but",
                     small.train_loss < large.train_loss ? "further" : "less", small.train_loss,
                     large.train_loss);
}

std::string trend_text(const Generalization& found) {
  if (!found.slope) return "; one batch size does not say whether the gap moves.";
  if (!found.slope_low) {
    return "; so few runs do not say whether the gap moves with the batch size.";
  }
  if (found.trend == GapTrend::cannot_tell) {
    return fmt::format(
        "; whether the gap moves with the batch size cannot be told: by {} with each doubling.",
        slope_text(found));
  }
  return fmt::format(
      ": the gap {} by {} with each doubling. By that measure the small batch {} here, {}.",
      to_string(found.trend), slope_text(found),
      found.trend == GapTrend::grows ? "generalizes better" : "does not generalize better",
      fit_text(found));
}

}  // namespace

std::string explain(const Generalization& found) {
  std::string text = first_gap(found.gaps.front());
  if (found.gaps.size() > 1) {
    text +=
        fmt::format(" and by {} at {}", gap_text(found.gaps.back()), found.gaps.back().batch_size);
  }
  return text + trend_text(found);
}

}  // namespace etalon
