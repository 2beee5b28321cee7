#include "law/law_forms.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// ln B0 is known to within a few octaves of the batch sizes that people run.
constexpr double kTurnDeviation = 2.0;
// Of p.
constexpr double kSgdExponent = 1.0;
constexpr double kSgdDeviation = 0.2;
constexpr double kAdaptiveExponent = 0.5;
constexpr double kAdaptiveDeviation = 0.3;
// Of the saturating law's p, evenly: between a root and a line, as the SDEs of Adam and SGD have
// it.
constexpr double kLeastSaturating = 0.5;
constexpr double kMostSaturating = 1.0;

double draw_turn(double log_center, RandomStream& stream) {
  return log_center + kTurnDeviation * stream.normal();
}

// SGD near 1; Adam between the root of its SDE and the flat laws of long trainings.
template <UpdateKind kUpdate>
double draw_exponent(RandomStream& stream) {
  return kUpdate == UpdateKind::sgd ? kSgdExponent + kSgdDeviation * stream.normal()
                                    : kAdaptiveExponent + kAdaptiveDeviation * stream.normal();
}

template <int kHalves>
LawShape fixed(double, RandomStream&) {
  return {0.5 * kHalves, 0.0};
}

template <UpdateKind kUpdate>
LawShape draw_power(double, RandomStream& stream) {
  return {draw_exponent<kUpdate>(stream), 0.0};
}

LawShape draw_saturating(double log_center, RandomStream& stream) {
  const double p = kLeastSaturating + (kMostSaturating - kLeastSaturating) * stream.uniform();
  return {p, draw_turn(log_center, stream)};
}

LawShape draw_saturating_line(double log_center, RandomStream& stream) {
  return {1.0, draw_turn(log_center, stream)};
}

LawShape draw_turning(double log_center, RandomStream& stream) {
  return {0.5, draw_turn(log_center, stream)};
}

template <UpdateKind kUpdate>
LawShape draw_capped(double log_center, RandomStream& stream) {
  const double p = std::abs(draw_exponent<kUpdate>(stream));
  return {p, draw_turn(log_center, stream)};
}

double power(const LawShape& shape, double log_batch_size) { return shape.p * log_batch_size; }

double saturating(const LawShape& shape, double log_batch_size) {
  return -shape.p * std::log1p(std::exp(shape.log_b0 - log_batch_size));
}

double rise_and_fall(const LawShape& shape, double log_batch_size) {
  return -std::log(std::cosh(0.5 * (log_batch_size - shape.log_b0)));
}

double capped(const LawShape& shape, double log_batch_size) {
  return shape.p * std::min(0.0, log_batch_size - shape.log_b0);
}

constexpr LawForm kConstant = {"constant", "η* = A", false, false, fixed<0>, power};
constexpr LawForm kLinear = {"linear", "η* = A·B", false, false, fixed<2>, power};
constexpr LawForm kSqrt = {"sqrt", "η* = A·√B", false, false, fixed<1>, power};
constexpr LawForm kRiseAndFall = {
    "rise_and_fall", "η* = 2·A/(√x + 1/√x), x = B/B0", false, true, draw_turning, rise_and_fall};

template <UpdateKind kUpdate>
constexpr LawForm kPower = {"power", "η* = A·B^p", true, false, draw_power<kUpdate>, power};
template <UpdateKind kUpdate>
constexpr LawForm kCapped = {"capped", "η* = A·min(1, x)^p, x = B/B0", true,
                             true,     draw_capped<kUpdate>,           capped};

constexpr std::array<LawForm, 7> kSgdForms = {
    {kConstant, kLinear, kSqrt, kPower<UpdateKind::sgd>,
     LawForm{"saturating", "η* = A·x/(1 + x), x = B/B0", false, true, draw_saturating_line,
             saturating},
     kRiseAndFall, kCapped<UpdateKind::sgd>}};
constexpr std::array<LawForm, 7> kAdaptiveForms = {
    {kConstant, kLinear, kSqrt, kPower<UpdateKind::adaptive>,
     LawForm{"saturating", "η* = A·(x/(1 + x))^p, x = B/B0", true, true, draw_saturating,
             saturating},
     kRiseAndFall, kCapped<UpdateKind::adaptive>}};

}  // namespace

const std::array<LawForm, 7>& law_forms(UpdateKind update) {
  return update == UpdateKind::sgd ? kSgdForms : kAdaptiveForms;
}

}  // namespace etalon
