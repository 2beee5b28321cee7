#include "program/rate_runs.hpp"

#include <fmt/format.h>

#include <chrono>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::chrono::milliseconds kRatePatience(100);

class RateRuns {
 public:
  RateRuns(const RateRunOptions& options, const std::function<void()>& on_end)
      : options_(options), on_end_(on_end), runner_(options.program) {
    for (const std::uint64_t seed : options.seeds) {
      seeds_.push_back({seed, std::vector<std::optional<double>>(options.lrs.size())});
    }
  }

  std::optional<std::vector<RatesOfSeed>> run(const StopFlag& stop) {
    const std::size_t all = seeds_.size() * options_.lrs.size();
    for (std::size_t i = 0; i < all; ++i) {
      runner_.start(static_cast<std::int64_t>(i) + 1,
                    {options_.batch_size, lr_of(i), seeds_[seed_at(i)].seed});
    }
    while (ended_ < all) {
      if (stop.requested()) return std::nullopt;
      if (const auto event = runner_.wait(kRatePatience)) hear(*event);
    }
    return std::move(seeds_);
  }

 private:
  std::size_t seed_at(std::size_t run) const { return run / options_.lrs.size(); }
  std::size_t rate_at(std::size_t run) const { return run % options_.lrs.size(); }
  double lr_of(std::size_t run) const { return options_.lrs[rate_at(run)]; }

  void hear(const TrialEvent& event) {
    if (std::holds_alternative<CurvePoint>(event.what)) return;
    if (const auto* refused = std::get_if<InputError>(&event.what)) throw *refused;
    const auto& result = std::get<TrialResult>(event.what);
    const auto run = static_cast<std::size_t>(event.trial - 1);
    if (!is_result(result.state)) {
      throw RunError(fmt::format("the run at learning rate {:g} with seed {} failed: {}",
                                 lr_of(run), seeds_[seed_at(run)].seed, result.message),
                     "", "mend what it says; what it printed is kept");
    }
    if (result.state == TrialState::finished) {
      seeds_[seed_at(run)].losses[rate_at(run)] = result.objective;
    }
    ++ended_;
    on_end_();
  }

  const RateRunOptions& options_;
  const std::function<void()>& on_end_;
  ProgramRunner runner_;
  std::vector<RatesOfSeed> seeds_;
  std::size_t ended_ = 0;
};

}  // namespace

void RateRunOptions::validate() const {
  program.validate();
  program.check_values();
  check_batch_size(static_cast<double>(batch_size));
  program.check_batch_size(batch_size);
  for (const double lr : lrs) check_lr(lr);
  if (seeds.size() < 2 || program.has_seed()) return;
  throw InputError("the command has no {seed}, so that restarts would all be the same run", "",
                   "add one, as in --seed {seed}, or run it with --restarts 1");
}

std::optional<std::vector<RatesOfSeed>> run_at_rates(const RateRunOptions& options,
                                                     const std::function<void()>& on_end,
                                                     const StopFlag& stop) {
  options.validate();
  return RateRuns(options, on_end).run(stop);
}

}  // namespace etalon
