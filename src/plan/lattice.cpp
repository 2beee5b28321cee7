#include "plan/lattice.hpp"

#include <cmath>

namespace etalon {

double Lattice::lr(int k) const {
  const int octaves = k >> 3, eighths = k & 7;
  // Scaling by powers of two is exact, so learning rates an octave apart are in ratio 2 exactly.
  return std::ldexp(center * std::exp2(eighths / 8.0), octaves);
}

int Lattice::nearest(double lr) const {
  return static_cast<int>(std::lround(kOctave * std::log2(lr / center)));
}

double Lattice::snap(double lr) const {
  const double candidate = this->lr(nearest(lr));
  return std::abs(lr / candidate - 1) < 1e-9 ? candidate : lr;
}

}  // namespace etalon
