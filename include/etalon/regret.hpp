// What a rule's learning rate or recipe loses against the tuned optimum of the same batch size,
// with an interval and a verdict. What observations are taken for, see optimum.hpp. Pure functions;
// safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "etalon/optimum.hpp"

namespace etalon {

enum class Verdict {
  holds,       // the interval of the regret lies below the tolerance (equivalence)
  fails,       // the interval lies above the tolerance, or the rule's runs diverged
  cannot_tell  // the interval straddles the tolerance, there are too few pairs, or the sweep could
               // not have shown a difference
};

// What a rule's learning rate or recipe loses against the tuned optimum of the same batch size.
struct Regret {
  double lr = 0.0;
  std::optional<double> loss;  // mean over seeds at `lr`; empty if any run diverged
  // How far the expected loss lies above the least over learning rates; empty if any run diverged.
  // >= 0 for a learning rate; below 0 for a recipe that beats them all by what else it moves.
  std::optional<double> regret;
  std::optional<double> regret_low;  // its interval, >= 0 for a learning rate
  std::optional<double> regret_high;
  std::int64_t pairs = 0;  // seeds that both learning rates share
  Verdict verdict = Verdict::cannot_tell;
  std::string explanation;  // one sentence
};

struct RegretOptions {
  double level = 0.90;  // a 90% interval is the two one-sided tests at 5% (TOST)
  // Loss that counts as "the same", > 0, in the loss's own units. Losses of three seeds that
  // deviate by 0.007 to 0.015, as those of small image classifiers do, resolve no less than about
  // 0.02.
  double tolerance = 0.02;
  // The loss before any training, where it is known. A sweep none of whose learning rates ends
  // lower by more than the tolerance learned nothing, and no rule is said to hold on it. Where it
  // is not known, the same is said of a sweep none of whose learning rates loses more than the
  // tolerance.
  std::optional<double> untrained_loss{};
  void validate() const;
};

// The regret of `lr`, which must be among the observations of this one batch size. It is read from
// the bowl through all losses (see optimum.hpp) and from the losses at `lr` themselves; its lower
// limit is 0 where the optimum itself may lie. Where fewer than three learning rates lie within an
// octave and a half of the best, it is the mean difference from the tuned learning rate, which is
// chosen anew for every seed, on the other seeds, so that it is not flattered by the noise it was
// chosen on. A regret with one seed in common with the best, or none, has no interval. Of several
// batch sizes, LossBowls tells more.
Regret estimate_regret(std::span<const Observation> observations, double lr,
                       const RegretOptions& options);

// The regret of a recipe that differs from those of `sweep` in more than its learning rate, such as
// other betas: how far its expected loss lies above the least that `sweep`, the learning rates with
// the settings as they are, has to offer; negative where it is better. `runs` are those of the
// recipe, at one learning rate and the batch size of `sweep`, with the same seeds. They enter no
// fit: their losses are compared within the seeds with the curve through the sweep near its best,
// or, where the losses allow no such curve, with the best tried one chosen on the other seeds.
// A recipe whose interval lies below 0 holds, and the explanation says that it is better.
Regret estimate_recipe_regret(std::span<const Observation> sweep, std::span<const Observation> runs,
                              const RegretOptions& options);

}  // namespace etalon
