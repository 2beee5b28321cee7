#include "scaling/warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "etalon/optimizers.hpp"

namespace etalon {
namespace {

// From which share of the SDE rule's limit on its betas are not to be trusted unmeasured.
constexpr double kCautiousShareOfLimit = 0.5 - 1e-12;

class Warnings {
 public:
  Warnings(const Rule& rule, const RuleContext& context, const Recipe& scaled)
      : name_(rule.info.name),
        rule_(rule),
        context_(context),
        scaled_(scaled),
        has_(optimizer_info(context.base.optimizer)) {}

  std::vector<std::string> find() {
    check_fit();
    check_noise_scale();
    check_betas();
    check_stability();
    check_dataset();
    check_warmup();
    check_lengths();
    check_milestones();
    check_micro_batch();
    return std::move(found_);
  }

 private:
  template <typename... Args>
  void warn(fmt::format_string<Args...> text, Args&&... args) {
    found_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  void check_fit() {
    if (name_ == "linear" && has_.is_adaptive() && context_.kappa != 1) {
      warn(
          "the linear rule was not derived for {}, whose steps do not grow with the gradient: "
          "expect it to overshoot when scaling up",
          has_.name);
    }
    const bool derived_for_signs = name_ == "rise-and-fall" && rule_.fits(context_.base);
    const bool moves = scaled_.lr != context_.base.lr && name_ != "linear";
    if (!has_.has_published_rule() && moves && !derived_for_signs) {
      warn("no rule is published for {}, so that this is a guess to measure from", has_.name);
    }
    if (name_ == "linear" && context_.kappa > 32) {
      warn("κ = {:.6g} is past the largest that Goyal et al. tested (256 to 8192, κ = 32)",
           context_.kappa);
    }
    if (name_ == "adascale" && has_.is_adaptive()) {
      warn("AdaScale was derived for SGD, not for {}", has_.name);
    }
    if (name_ == "rise-and-fall" && !rule_.fits(context_.base)) {
      warn("this rule was derived for sign-like descent such as Adam, not for {}", has_.name);
    }
    if (name_ == "ema" && context_.kappa > 1) {
      warn("first order only: fails where κη is large");
    }
  }

  void check_noise_scale() {
    if (!context_.options.noise_scale) return;
    const double noise = *context_.options.noise_scale;
    const double larger = std::max(context_.base_batch_size, context_.target_batch_size);
    const bool past = larger > noise;
    if (name_ == "rise-and-fall") {
      if (larger >= noise * std::numbers::pi / 2) {
        warn(
            "B = {:.6g} is past π/2 times the noise scale {:.6g}: the optimum levels off there, "
            "this formula goes on falling",
            larger, noise);
      }
    } else if (past && !rule_.needs_noise_scale && name_ != "fixed") {
      warn(
          "B = {:.6g} is past the noise scale {:.6g}: η stops rising with B there, and this rule "
          "does not know it; compare rule saturating",
          larger, noise);
    }
    if (context_.target_batch_size > noise) {
      warn("B' = {:.6g} is past the noise scale {:.6g}: more examples per step save few steps",
           context_.target_batch_size, noise);
    }
  }

  void check_betas() {
    if (name_ != "sde" && name_ != "sde-power") return;
    check_beta("beta1", context_.base.beta1);
    check_beta("beta2", context_.base.beta2);
  }

  void check_beta(const char* field, const std::optional<double>& beta) {
    if (!beta || context_.kappa <= 1) return;
    const double kappa = context_.kappa;
    if (past_beta_limit(kappa, *beta)) {
      warn(
          "κ = {:.6g} is not under 1/(1 − {}) = {:.6g}, where the SDE rule ends: β^κ stands in, "
          "and the whole recipe is an extrapolation",
          kappa, field, 1 / (1 - *beta));
    } else if (kappa * (1 - *beta) >= kCautiousShareOfLimit) {
      warn(
          "κ = {:.6g} is past half of 1/(1 − {}) = {:.6g}: β^κ = {:.3g} and 1 − κ(1 − β) = {:.3g}, "
          "which agree to first order, have come apart, so that the theory no longer says which "
          "is right",
          kappa, field, 1 / (1 - *beta), std::pow(*beta, kappa), 1 - kappa * (1 - *beta));
    }
  }

  void check_stability() {
    const auto limit = context_.options.stability_limit;
    if (limit && scaled_.lr >= *limit) {
      warn("η' = {:.6g} is not under the stability limit {:.6g}: expect divergence, stay below it",
           scaled_.lr, *limit);
    }
  }

  void check_dataset() {
    if (!context_.options.dataset_size) return;
    const double n = static_cast<double>(*context_.options.dataset_size);
    const double b = context_.target_batch_size;
    if (b > n) {
      warn(
          "B' = {:.6g} is larger than the data set of {:.6g} examples: a step would see some of "
          "them twice",
          b, n);
    } else if (b > n / 10 && !has_.is_adaptive() && context_.kappa > 1) {
      warn(
          "B' = {:.6g} is more than a tenth of the data set of {:.6g}: the noise scale η(N/B − 1) "
          "is no longer near ηN/B, which the rules assume",
          b, n);
    }
  }

  void check_warmup() {
    if (name_ == "linear" && context_.kappa > 1 && !context_.base.schedule.warmup) {
      warn(
          "no warm-up given: Goyal et al. ramp η linearly from {:.6g} to {:.6g} over the first 5 "
          "epochs",
          context_.base.lr, scaled_.lr);
    }
    const ScheduleOptions& schedule = scaled_.schedule;
    if (!schedule.warmup || !scaled_.budget) return;
    if (!comes_before(*schedule.warmup, *scaled_.budget).value_or(true)) {
      warn("the warm-up takes the whole budget at this batch size: shorten it");
    }
  }

  void check_lengths() {
    if (!scaled_.budget) return;
    const auto steps = in_unit(*scaled_.budget, DurationUnit::steps, context_.target_batch_size,
                               context_.options.dataset_size);
    if (steps && *steps < 100) {
      const double left = std::max(1.0, std::floor(*steps * (1 + 1e-9)));
      warn("only {:g} step{} left in the budget: no learning rate makes up for that", left,
           left == 1 ? " is" : "s are");
    }
  }

  // Whether `early` comes before `late`; nothing where their units cannot be compared.
  std::optional<bool> comes_before(const Duration& early, const Duration& late) const {
    if (early.unit == late.unit) return early.amount < late.amount;
    const double b = context_.target_batch_size;
    const auto n = context_.options.dataset_size;
    const auto first = in_unit(early, DurationUnit::examples, b, n);
    const auto second = in_unit(late, DurationUnit::examples, b, n);
    if (!first || !second) return std::nullopt;
    return *first < *second;
  }

  void check_milestones() {
    if (!scaled_.budget) return;
    std::vector<Duration> points = scaled_.schedule.milestones;
    if (scaled_.schedule.step_every) points.push_back(*scaled_.schedule.step_every);
    const auto late = std::count_if(points.begin(), points.end(), [&](const Duration& point) {
      return !comes_before(point, *scaled_.budget).value_or(true);
    });
    if (late > 0) {
      warn("the training ends before {} of the {} milestones of its schedule", late, points.size());
    }
  }

  void check_micro_batch() {
    const BatchShape& before = context_.base.batch;
    const BatchShape& after = scaled_.batch;
    const bool both_say = to_string(before) != to_string(BatchShape{before.global(), 1, 1}) ||
                          to_string(after) != to_string(BatchShape{after.global(), 1, 1});
    if (both_say && before.micro_batch != after.micro_batch) {
      warn(
          "the micro-batch changes from {} to {}: batch norm sees the micro-batch, so hold its "
          "size or expect another optimum",
          before.micro_batch, after.micro_batch);
    }
  }

  std::string_view name_;
  const Rule& rule_;
  const RuleContext& context_;
  const Recipe& scaled_;
  const OptimizerInfo& has_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> find_warnings(const Rule& rule, const RuleContext& context,
                                       const Recipe& scaled) {
  return Warnings(rule, context, scaled).find();
}

}  // namespace etalon
