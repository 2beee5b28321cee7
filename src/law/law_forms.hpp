// The shapes of the candidate laws: ln η* − ln A over ln B, and priors of their coefficients.
#pragma once

#include <array>
#include <string_view>

#include "core/random.hpp"
#include "etalon/advice.hpp"

namespace etalon {

struct LawShape {
  double p = 0.0;       // exponent
  double log_b0 = 0.0;  // ln B0
};

struct LawForm {
  std::string_view name;
  bool has_exponent;  // p is a coefficient, not fixed
  bool has_turn;      // B0 is a coefficient
  LawShape (*draw)(UpdateKind update, double log_center, RandomStream& stream);  // from the prior
  double (*value)(const LawShape& shape, double log_batch_size);
};

extern const std::array<LawForm, 7> kLawForms;

}  // namespace etalon
