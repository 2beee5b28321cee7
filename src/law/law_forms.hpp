// The shapes of the candidate laws: ln η* − ln A over ln B, and priors of their coefficients. A law
// has another form under SGD where theory fixes a coefficient there.
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
  std::string_view formula;  // η* in terms of the coefficients, B and x = B/B0
  bool has_exponent;         // p is a coefficient, not fixed
  bool has_turn;             // B0 is a coefficient
  LawShape (*draw)(double log_center, RandomStream& stream);  // from the prior
  double (*value)(const LawShape& shape, double log_batch_size);
};

const std::array<LawForm, 7>& law_forms(UpdateKind update);

}  // namespace etalon
