// Candidate laws η*(B) and how well each predicts optima that it has not seen.
//
// With x = B/B0, free intercept A and coefficients in parentheses:
//   constant        η* = A
//   linear          η* = A·B
//   sqrt            η* = A·√B
//   power           η* = A·B^p                    (p)
//   saturating      η* = A·(x/(1 + x))^p          (p, B0)  McCandlish et al. 2018, arXiv 1812.06162
//   rise_and_fall   η* = 2A/(√x + 1/√x)           (B0)     Li et al. 2024, arXiv 2405.14578
//   capped          η* = A·min(1, x)^p            (p, B0)  a stability limit above B0
// Under SGD theory fixes p = 1 in the saturating law, which has no p there.
//
// A law's weight is its predictive density for the optima at the larger half of the batch sizes
// given those at the smaller half, one after another: what it said before it saw them. Optima on
// the edge of what was tried enter as bounds. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/optimum.hpp"

namespace etalon {

// A coefficient of a law that is not fixed, with its interval, which has a width.
struct Coefficient {
  std::string name;  // "A", "p" or "B0"
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

struct LawFit {
  std::string law;
  // η* in terms of the coefficients and of B, with x = B/B0, in UTF-8; what is not listed in
  // `coefficients` stands there as a number.
  std::string formula;
  double weight = 0.0;  // in [0, 1]; those of all laws sum to 1
  std::vector<Coefficient> coefficients;
};

struct LawComparison {
  std::vector<LawFit> laws;  // greatest weight first
  std::string explanation;   // one sentence: which law, or which ones the runs do not tell apart
};

struct LawOptions {
  UpdateKind update = UpdateKind::adaptive;
  double level = 0.80;  // of the coefficients' intervals; must be that of the optima's too
  std::uint64_t seed = 1;
  void validate() const;
};

// Empty `laws` when fewer than two batch sizes have an interior optimum.
LawComparison compare_laws(std::span<const Optimum> optima, const LawOptions& options);

}  // namespace etalon
