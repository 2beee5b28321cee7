#include "etalon/loss_bowls.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"
#include "optimum/bowl_pooling.hpp"
#include "optimum/known_losses.hpp"

namespace etalon {

struct LossBowls::State {
  struct BatchSize {
    std::vector<Observation> observations;
    std::optional<KnownLosses> known;  // empty without an optimum
    std::optional<BowlPosterior> bowl;
    const BowlPosterior* bowl_or_null() const { return bowl ? &*bowl : nullptr; }
  };
  std::map<double, BatchSize> batch_sizes;
};

LossBowls::LossBowls(std::span<const Observation> observations) {
  auto state = std::make_unique<State>();
  for (const Observation& run : observations) {
    state->batch_sizes[run.batch_size].observations.push_back(run);
  }
  std::vector<BowlData> data;
  std::vector<double> log_batch_sizes;
  std::vector<State::BatchSize*> with_bowl;
  for (auto& [batch_size, here] : state->batch_sizes) {
    const auto consistent = without_contradictions(here.observations);
    if (!has_optimum(consistent)) continue;
    here.known = know(consistent);
    if (!here.known->has_bowl()) continue;
    data.push_back(here.known->data);
    log_batch_sizes.push_back(std::log(batch_size));
    with_bowl.push_back(&here);
  }
  std::vector<BowlPosterior> bowls = fit_bowls(data, log_batch_sizes);
  for (std::size_t i = 0; i < bowls.size(); ++i) with_bowl[i]->bowl = std::move(bowls[i]);
  state_ = std::move(state);
}

LossBowls::~LossBowls() = default;
LossBowls::LossBowls(LossBowls&&) noexcept = default;
LossBowls& LossBowls::operator=(LossBowls&&) noexcept = default;

std::vector<Optimum> LossBowls::optima(const OptimumOptions& options) const {
  options.validate();
  std::vector<Optimum> optima;
  for (const auto& [batch_size, here] : state_->batch_sizes) {
    if (here.known) optima.push_back(optimum_of(*here.known, here.bowl_or_null(), options.level));
  }
  return optima;
}

Regret LossBowls::regret(double batch_size, double lr, const RegretOptions& options) const {
  options.validate();
  const auto here = state_->batch_sizes.find(batch_size);
  if (here == state_->batch_sizes.end()) {
    throw InputError(fmt::format("batch size {:g} was not run", batch_size), "observations",
                     "ask for one that was");
  }
  const auto& [observations, known, bowl] = here->second;
  if (known) return regret_of(observations, *known, bowl ? &*bowl : nullptr, lr, options);
  Regret regret;
  regret.lr = lr;
  regret.verdict = Verdict::fails;
  regret.explanation = "a run at this learning rate diverged";
  return regret;
}

}  // namespace etalon
