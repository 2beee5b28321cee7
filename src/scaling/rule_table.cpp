#include "scaling/rule_table.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/choice.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"

namespace etalon {
namespace {

bool always(const Recipe&) { return true; }
bool never(const Recipe&) { return false; }
bool plain(const Recipe& base) { return !optimizer_info(base.optimizer).is_adaptive(); }
bool plain_unlayered(const Recipe& base) {
  return plain(base) && !optimizer_info(base.optimizer).layerwise;
}
bool sign_like(const Recipe& base) {
  // Muon's steps are the signs of singular values, not of elements.
  return !plain(base) && base.optimizer != OptimizerFamily::muon;
}
bool adaptive(const Recipe& base) {
  const OptimizerInfo& has = optimizer_info(base.optimizer);
  return has.mean_square && !has.layerwise;
}
bool warmed_up(const Recipe& base) { return base.schedule.warmup.has_value(); }
bool decoupled(const Recipe& base) { return optimizer_info(base.optimizer).decoupled_decay; }

RuleObstacle nothing(const Recipe&) { return {}; }
RuleObstacle needs_beta2(const Recipe& base) {
  if (!base.beta2) return {"it moves beta2, which this recipe has not", ""};
  if (optimizer_info(base.optimizer).mean_square) return {};
  return {"it moves the beta2 of a mean square, which this optimizer has not", ""};
}
RuleObstacle needs_warmup(const Recipe& base) {
  if (base.schedule.warmup) return {};
  return {"it stretches the warm-up, so give one", "warmup_steps"};
}
RuleObstacle needs_decay(const Recipe& base) {
  if (!decoupled(base)) return {"it moves AdamW's decoupled weight decay", ""};
  if (base.weight_decay) return {};
  return {"it moves the weight decay, so give one", "weight_decay"};
}
RuleObstacle needs_ema(const Recipe& base) {
  if (base.ema) return {};
  return {"it moves the average of the weights, so give its decay", "ema"};
}

constexpr std::string_view kForAll;
constexpr std::string_view kForPlain = "it was derived for SGD";
constexpr std::string_view kForSignLike = "it was derived for Adam and its kin";
constexpr std::string_view kForAdaptive = "it is for Adam, AdamW and RMSprop";
constexpr std::string_view kForDecoupled = "it moves AdamW's decoupled weight decay";
constexpr std::string_view kForNobody =
    "the rules shown move the average of the weights as it does";

Moves no_moves(const RuleContext& c) {
  Moves moves;
  moves.progress = c.kappa;
  return moves;
}

Moves fixed(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_why = "Kept: the baseline against which the other rules are judged.";
  moves.keeps_decay = true;
  moves.keeps_ema = true;
  return moves;
}

Moves linear(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_factor = c.kappa;
  moves.lr_why =
      fmt::format("Times κ = {:.6g}: one step takes the place of κ small ones.", c.kappa);
  return moves;
}

Moves square_root(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_factor = std::sqrt(c.kappa);
  moves.lr_why = fmt::format(
      "Times √κ = {:.6g}: the covariance of one update, η²Σ/B, stays the same.", moves.lr_factor);
  return moves;
}

Moves saturating(const RuleContext& c) {
  Moves moves = no_moves(c);
  const double alpha = noise_exponent(c.base, c.options);
  const double noise = *c.options.noise_scale;
  moves.lr_factor =
      std::pow((1 + noise / c.base_batch_size) / (1 + noise / c.target_batch_size), alpha);
  moves.lr_why = fmt::format(
      "Times {:.6g}: rises with B well under the noise scale {:.6g}, levels off past it (α = {}).",
      moves.lr_factor, noise, alpha);
  return moves;
}

Moves sde(const RuleContext& c) {
  Moves moves = square_root(c);
  moves.lr_why = fmt::format(
      "Times √κ = {:.6g}: keeps the stochastic differential equation that Adam follows when noise "
      "dominates its denominator.",
      moves.lr_factor);
  moves.beta1 = BetaForm::linear;
  moves.beta2 = BetaForm::linear;
  moves.eps_factor = 1 / moves.lr_factor;
  return moves;
}

Moves sde_power(const RuleContext& c) {
  Moves moves = sde(c);
  moves.beta1 = BetaForm::power;
  moves.beta2 = BetaForm::power;
  return moves;
}

Moves rise_and_fall(const RuleContext& c) {
  Moves moves = no_moves(c);
  const double noise = *c.options.noise_scale;
  const auto inverse = [noise](double batch_size) {
    return std::sqrt(noise / batch_size) + std::sqrt(batch_size / noise);
  };
  moves.lr_factor = inverse(c.base_batch_size) / inverse(c.target_batch_size);
  moves.lr_why =
      fmt::format("Times {:.6g}: rises as √B, peaks at B = {:.6g}, falls as 1/√B past it.",
                  moves.lr_factor, noise);
  return moves;
}

Moves legw(const RuleContext& c) {
  Moves moves = square_root(c);
  moves.lr_why =
      fmt::format("Times √κ = {:.6g}, with κ times the warm-up epochs.", moves.lr_factor);
  moves.warmup_progress = 1.0;
  return moves;
}

Moves adascale(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_factor = adascale_gain(*c.options.noise_scale, c.base_batch_size, c.kappa);
  moves.lr_why = fmt::format(
      "Times the gain r = {:.6g} for this noise scale; AdaScale itself measures r at every step.",
      moves.lr_factor);
  moves.progress = moves.lr_factor;
  return moves;
}

Moves half_life(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_why =
      "Kept: the source gives no rule for η; its optimum rose about threefold from B = 1 to 1024.";
  moves.beta2 = BetaForm::power;
  moves.keeps_decay = true;
  return moves;
}

Moves time_scale(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_why = "Kept: this rule moves the weight decay alone.";
  return moves;
}

Moves ema(const RuleContext& c) {
  Moves moves = no_moves(c);
  moves.lr_why = "Kept: this rule moves the average of the weights alone; take η from another.";
  moves.keeps_decay = true;
  return moves;
}

constexpr std::string_view kExact = "exact: a ratio of one function of B at two batch sizes";

constexpr std::array<Rule, 12> kRules = {{
    {{"fixed", "η' = η, and everything else per step as it was", "baseline, no source",
      "Holds where B' is past the noise scale, so that η is bound by curvature and not by noise.",
      true, "exact: nothing moves"},
     always,
     kForAll,
     false,
     nothing,
     fixed},
    {{"linear", "η' = κη; momentum, weight decay and epochs kept",
      "Krizhevsky 2014, arXiv:1404.5997; Goyal et al. 2017, arXiv:1706.02677",
      "SGD with or without momentum, B' well under the noise scale, η' under the stability limit, "
      "with a warm-up from η to κη over the first 5 epochs when scaling up; tested to B = 8192 on "
      "ImageNet.",
      true, kExact},
     always,
     kForAll,
     false,
     nothing,
     linear},
    {{"sqrt", "η' = √κ η", "Krizhevsky 2014, arXiv:1404.5997; Hoffer et al. 2017, arXiv:1705.08741",
      "Keeps the noise of one update, not of an epoch; SGD in practice lies nearer linear, Adam "
      "nearer this.",
      true, kExact},
     always,
     kForAll,
     false,
     nothing,
     square_root},
    {{"saturating", "η' = η · [(1 + B_n/B) / (1 + B_n/B')]^α; α = 1 for SGD, 0.5 to 1 for Adam",
      "McCandlish et al. 2018, arXiv:1812.06162",
      "A quadratic model and one greedy step; B_n grows during training and gives the order of "
      "magnitude.",
      true, kExact},
     always,
     kForAll,
     true,
     nothing,
     saturating},
    {{"sde", "η' = √κ η; β' = 1 − κ(1 − β); ε' = ε/√κ; AdamW: λ' = √κ λ",
      "Malladi et al. 2022, arXiv:2205.10287",
      "Adam, AdamW and RMSprop while noise dominates the denominator (B' under the noise scale) "
      "and κ < 1/(1 − β); past that no β' >= 0 exists and β^κ stands in.",
      true, "exact while κ < 1/(1 − β) at every stage"},
     adaptive,
     kForAdaptive,
     false,
     needs_beta2,
     sde},
    {{"sde-power", "η' = √κ η; β' = β^κ; ε' = ε/√κ; AdamW: λ' = √κ λ",
      "Malladi et al. 2022, arXiv:2205.10287, with β^κ in place of 1 − κ(1 − β): equal to first "
      "order in 1 − β, and defined for every κ",
      "As sde where κ(1 − β) is small; past κ = 1/(1 − β) it is an extrapolation.", true, kExact},
     adaptive,
     kForAdaptive,
     false,
     needs_beta2,
     sde_power},
    {{"rise-and-fall", "η' = η · (√(B_n/B) + √(B/B_n)) / (√(B_n/B') + √(B'/B_n))",
      "Li et al. 2024, arXiv:2405.14578",
      "Sign-like descent (Adam) on a quadratic with Gaussian gradients, B' well under πσ²/(2μ²), "
      "that is (π/2)·B_n; beyond it η tends to a constant and does not fall for ever.",
      true, kExact},
     sign_like,
     kForSignLike,
     true,
     nothing,
     rise_and_fall},
    {{"legw", "η' = √κ η; warm-up epochs' = κ · warm-up epochs (the same warm-up steps)",
      "You et al. 2019, arXiv:1901.08256",
      "Recipes with a warm-up that is short against the budget, at the base batch size and at B'.",
      true, kExact},
     warmed_up,
     kForAll,
     false,
     needs_warmup,
     legw},
    {{"adascale", "η' = r η; steps' = steps / r; r = (B_n/B + 1) / (B_n/B' + 1), between 1 and κ",
      "Johnson et al. 2020, arXiv:2007.05105",
      "SGD with or without momentum; r here is its value at the noise scale given, while AdaScale "
      "measures it at every step. Spends more examples as r falls short of κ.",
      true, kExact},
     plain_unlayered,
     kForPlain,
     true,
     nothing,
     adascale},
    {{"half-life", "η' = η; β2' = β2^κ; β1 kept", "Marek et al. 2025, arXiv:2507.07101",
      "Adam at small batch sizes: holds the half-life of the second moment in examples; gives no "
      "rule for η.",
      true, kExact},
     adaptive,
     kForAdaptive,
     false,
     needs_beta2,
     half_life},
    {{"time-scale", "η' = η; λ' = κλ, so that B/(ηλN) stays the same",
      "Wang & Aitchison 2024, arXiv:2405.13698; Bergsma et al. 2025, arXiv:2505.13738",
      "AdamW's decoupled decay, B' up to the critical batch size. The other rules move λ by the "
      "same principle, λ' = κλ·η/η'.",
      true, kExact},
     decoupled,
     kForDecoupled,
     false,
     needs_decay,
     time_scale},
    {{"ema", "ρ' = ρ^κ, beside the optimizer's own rule", "Busbridge et al. 2023, arXiv:2307.13813",
      "First order: fails for large κη. The other rules move ρ in the same way.", true, kExact},
     never,
     kForNobody,
     false,
     needs_ema,
     ema},
}};

constexpr auto kInfos = [] {
  std::array<RuleInfo, kRules.size()> infos{};
  for (std::size_t i = 0; i < kRules.size(); ++i) infos[i] = kRules[i].info;
  return infos;
}();

}  // namespace

std::span<const Rule> rule_table() { return kRules; }

std::span<const RuleInfo> scaling_rules() { return kInfos; }

const Rule& find_rule(std::string_view name) {
  std::vector<std::string> names;
  for (const Rule& rule : kRules) {
    if (equal_in_any_case(rule.info.name, name)) return rule;
    names.emplace_back(rule.info.name);
  }
  names.emplace_back("all");
  throw InputError(fmt::format("there is no rule '{}'", name), "", choose_instead(name, names));
}

double noise_exponent(const Recipe& base, const ScaleOptions& options) {
  return options.noise_exponent.value_or(plain(base) ? 1.0 : 0.5);
}

RuleObstacle find_obstacle(const Rule& rule, const Recipe& base, const ScaleOptions& options) {
  if (rule.needs_noise_scale && !options.noise_scale) {
    return {"it needs the gradient noise scale in examples", "noise_scale"};
  }
  return rule.obstacle(base);
}

std::string obstacle(const Rule& rule, const Recipe& base, const ScaleOptions& options) {
  const RuleObstacle found = find_obstacle(rule, base, options);
  if (found.field.empty()) return std::string(found.why);
  return fmt::format("{} ({})", found.why, field_name(found.field));
}

bool past_beta_limit(double kappa, double beta) { return kappa * (1 - beta) >= 1 - 1e-12; }

double batch_ratio(const Recipe& base, const BatchShape& target) {
  return static_cast<double>(target.global()) / static_cast<double>(base.batch.global());
}

}  // namespace etalon
