#include <fmt/format.h>

#include <cmath>

#include "report/noise/curvature_answer.hpp"
#include "report/noise/noise_cells.hpp"

namespace etalon {
namespace {

// " (90% interval 10 to 20)", or nothing.
std::string interval_text(const EstimatedRatio& ratio, double level) {
  const std::string range = range_text(ratio.low, ratio.high);
  return range.empty() ? "" : fmt::format(" ({:g}% interval {})", 100.0 * level, range);
}

// " (10 to 20)", or nothing.
std::string bare_interval_text(const EstimatedRatio& ratio) {
  const std::string range = range_text(ratio.low, ratio.high);
  return range.empty() ? "" : fmt::format(" ({})", range);
}

std::string noise_sentence(const CurvatureAnswer& answer, const CurvaturePoint& at) {
  const EstimatedRatio scale = at.measured.noise.noise_scale();
  const EstimatedRatio lr = at.measured.noise.greatest_lr();
  if (!scale.value || !lr.value) {
    return fmt::format(
        "Under the loss's own curvature the noise scale is undefined at {}: GᵀHG = {} cannot be "
        "told from zero, or tr(HΣ) = {} is not above it.",
        at.place, estimated_text(at.measured.noise.gradient_curvature()),
        estimated_text(at.measured.noise.curvature_trace()));
  }
  return fmt::format(
      "Under the loss's own curvature the noise scale is B_noise = {} examples{} at {}, and one "
      "step of SGD does best at η = {}/(1 + {}/B).",
      number_text(*scale.value), interval_text(scale, answer.level), at.place,
      number_text(*lr.value), number_text(*scale.value));
}

// Whether the best step of the largest batches lies on one side of the limit for sure.
bool is_told_apart(const CurvaturePoint& at, const StabilityLimit& limit) {
  const EstimatedRatio greatest = at.measured.noise.greatest_lr();
  const double stable = limit.product / at.measured.sharpness.value / limit.share_of_sgd;
  return (greatest.low && *greatest.low > stable) || (greatest.high && *greatest.high < stable);
}

// What gives way first as the batch size grows.
std::string which_limits(const CurvaturePoint& at, const StabilityLimit& limit, double from) {
  const std::string step = limit.share_of_sgd < 1.0 ? "(1 − β) times that step" : "That step";
  if (!is_told_apart(at, limit)) {
    return fmt::format(
        "{} comes about as far at the largest batch sizes, and whether it reaches it "
        "cannot be told: below those, noise limits the learning rate.",
        step);
  }
  if (std::isinf(from)) {
    return fmt::format(
        "{} stays below it at every batch size: noise and the curvature along the "
        "gradient limit the learning rate, not λ_max.",
        step);
  }
  return fmt::format(
      "{} reaches it at about B = {}: up to there noise limits the learning rate, "
      "which may grow with B; from there λ_max does, and rules that let it grow "
      "further break.",
      step, number_text(from));
}

std::string limit_sentence(const CurvaturePoint& at, const StabilityLimit& limit, double level) {
  const Sharpness& sharpness = at.measured.sharpness;
  const EstimatedRatio stable = stable_lr(sharpness, limit);
  const std::string text = fmt::format(
      "The sharpness there is λ_max = {}{}: at every batch size training is unstable above η = {} "
      "= "
      "{}{}.",
      number_text(sharpness.value),
      interval_text({sharpness.value, sharpness.low, sharpness.high}, level), limit.formula,
      number_text(*stable.value), bare_interval_text(stable));
  const auto from = limited_from(at, limit);
  return from ? fmt::format("{} {}", text, which_limits(at, limit, *from)) : text;
}

std::string points_table(const CurvatureAnswer& answer, const TextStyle& style) {
  Column places{.head = "curvature", .cells = {}, .left = true};
  ValueColumns scales("B_noise", answer.level), lrs("η_max", answer.level);
  ValueColumns sharpness("λ_max", answer.level);
  Column limits{.head = "stable below", .cells = {}};
  Column own{.head = "η", .cells = {}};
  for (const CurvaturePoint& at : answer.points) {
    const EstimatedRatio scale = at.measured.noise.noise_scale();
    const EstimatedRatio lr = at.measured.noise.greatest_lr();
    places.cells.push_back(at.place);
    scales.add(scale.value, scale.low, scale.high);
    lrs.add(lr.value, lr.low, lr.high);
    const Sharpness& found = at.measured.sharpness;
    const double largest = found.value;
    sharpness.add(largest, found.low, found.high);
    limits.cells.push_back(
        answer.limit && largest > 0.0 ? number_text(answer.limit->product / largest) : "");
    own.cells.push_back(at.lr > 0.0 ? number_text(at.lr) : "");
  }
  std::vector<ColumnGroup> groups = {scales.group(), lrs.group(), sharpness.group()};
  if (answer.limit) groups.push_back({limits, own});
  return table(places, groups, style);
}

std::string one_step_table(const CurvatureAnswer& answer, const CurvaturePoint& at,
                           const TextStyle& style) {
  Column sizes{.head = "B", .cells = {}};
  ValueColumns measured("best step", answer.level), predicted("predicted", answer.level);
  Column changes{.head = "loss by", .cells = {}};
  for (const OneStepOptimum& each : at.one_step) {
    const EstimatedRatio lr = at.measured.noise.best_lr(static_cast<double>(each.batch_size));
    sizes.cells.push_back(fmt::format("{}", each.batch_size));
    measured.add(each.lr, each.low, each.high);
    predicted.add(lr.value, lr.low, lr.high);
    changes.cells.push_back(fmt::format("{:.2g}", each.change));
  }
  return table(sizes, {measured.group(), predicted.group(), {changes}}, style);
}

std::string curve_sentence(const CurvatureAnswer& answer, const CurvaturePoint& at) {
  if (!at.curve || !at.curve->noise_scale.value) {
    return fmt::format("At {} these do not tell B_noise.", at.place);
  }
  const OneStepCurve& curve = *at.curve;
  const EstimatedRatio scale = at.measured.noise.noise_scale();
  const std::string told = scale.value
                               ? fmt::format(", {} times that of the Hessian",
                                             number_text(*curve.noise_scale.value / *scale.value))
                               : "";
  return fmt::format("At {} the steps that do best follow η = {}/(1 + {}/B): B_noise{}{}.",
                     at.place, number_text(*curve.greatest_lr.value),
                     number_text(*curve.noise_scale.value),
                     interval_text(curve.noise_scale, answer.level), told);
}

}  // namespace

std::string curvature_text(const CurvatureAnswer& answer, const TextStyle& style) {
  if (answer.points.empty()) return "";
  const CurvaturePoint& last = answer.points.back();
  std::string text = paragraph(noise_sentence(answer, last), style);
  if (answer.limit && last.measured.sharpness.value > 0.0) {
    text += paragraph(limit_sentence(last, *answer.limit, answer.level), style);
  }
  return text + '\n' + points_table(answer, style);
}

std::string one_step_text(const CurvatureAnswer& answer, const TextStyle& style) {
  std::string text;
  for (const CurvaturePoint& at : answer.points) {
    if (at.one_step.empty()) continue;
    text += paragraph(curve_sentence(answer, at), style) + '\n';
    text += one_step_table(answer, at, style);
  }
  return text;
}

}  // namespace etalon
