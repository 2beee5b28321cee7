#include "law/law_forms.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// ln B0 is known to within a few octaves of the batch sizes that people run.
constexpr double kTurnDeviation = 2.0;

double draw_turn(double log_center, RandomStream& stream) {
  return log_center + kTurnDeviation * stream.normal();
}

// SGD near 1; Adam between the root of its SDE and the flat laws of long trainings.
double draw_exponent(UpdateKind update, RandomStream& stream) {
  return update == UpdateKind::sgd ? 1.0 + 0.2 * stream.normal() : 0.5 + 0.3 * stream.normal();
}

template <int kHalves>
LawShape fixed(UpdateKind, double, RandomStream&) {
  return {0.5 * kHalves, 0.0};
}

LawShape draw_power(UpdateKind update, double, RandomStream& stream) {
  return {draw_exponent(update, stream), 0.0};
}

LawShape draw_saturating(UpdateKind update, double log_center, RandomStream& stream) {
  const double p = update == UpdateKind::sgd ? 1.0 : 0.5 + 0.5 * stream.uniform();
  return {p, draw_turn(log_center, stream)};
}

LawShape draw_turning(UpdateKind, double log_center, RandomStream& stream) {
  return {0.5, draw_turn(log_center, stream)};
}

LawShape draw_capped(UpdateKind update, double log_center, RandomStream& stream) {
  const double p = std::abs(draw_exponent(update, stream));
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

}  // namespace

const std::array<LawForm, 7> kLawForms = {{
    {"constant", false, false, fixed<0>, power},
    {"linear", false, false, fixed<2>, power},
    {"sqrt", false, false, fixed<1>, power},
    {"power", true, false, draw_power, power},
    {"saturating", true, true, draw_saturating, saturating},
    {"rise_and_fall", false, true, draw_turning, rise_and_fall},
    {"capped", true, true, draw_capped, capped},
}};

}  // namespace etalon
