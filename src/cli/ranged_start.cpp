#include "cli/ranged_start.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "plan/run_point.hpp"
#include "range/restarts.hpp"
#include "train/range_run.hpp"

namespace etalon::cli {
namespace {

constexpr std::uint64_t kRestarts = 3;

// The best rates of trainings of an epoch, of six pairs of model and optimizer, lie within an
// octave and a half of the geometric mean of the two (docs/range.md).
double start_of(const RangeSummary& summary) {
  return rounded_lr(std::sqrt(summary.falls_fastest.lr * summary.least.lr));
}

}  // namespace

std::optional<double> ranged_start(const TrainingOptions& training, const StudyOptions& study,
                                   bool quiet) {
  RangeRunOptions options;
  options.training = training;
  options.batch_size = study.base_batch_size;
  options.validate();
  const TrainingData data = load_training_data(training);
  std::vector<RangeCurve> curves;
  for (std::uint64_t seed = 0; seed < kRestarts; ++seed) {
    auto curve = run_ramp(data, options, study.first_seed + seed, interrupt_flag());
    if (!curve) return std::nullopt;
    curves.push_back(*std::move(curve));
  }
  const auto summary = summarize(curves, study.level, reading_of(options.ramp));
  if (!summary) {
    throw RunError("the loss falls in no range test, so that they say nothing of where to start",
                   "", "leave out --range-first, or look at etalon range");
  }
  const double start = start_of(*summary);
  if (!quiet) {
    print_message(
        fmt::format("etalon: the search starts at {:.3g}: in range tests at batch size {} "
                    "the loss falls fastest at {:.3g} and is least at {:.3g}",
                    start, study.base_batch_size, summary->falls_fastest.lr, summary->least.lr));
  }
  return start;
}

}  // namespace etalon::cli
