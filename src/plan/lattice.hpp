// The learning rates a study may try: center · 2^(k/8), of which the search mostly uses every
// fourth. One function makes them, so that equal ones are equal bit for bit and a trial is never
// run twice.
#pragma once

namespace etalon {

struct Lattice {
  static constexpr int kOctave = 8;
  static constexpr int kHalfOctave = 4;

  double center = 0.1;

  double lr(int k) const;
  int nearest(double lr) const;
  // The lattice's own value where `lr` agrees with it to one part in 10^9, else `lr`.
  double snap(double lr) const;
};

}  // namespace etalon
