// Settings whose truth is known, to choose and to check methods without looking at measured sweeps.
//
// Every setting has ten batch sizes, 32 to 16,384, and twelve learning rates half an octave apart
// whose place is random, so that some optima lie on an edge; losses are scaled so that they rise by
// about 0.015 one octave from the optimum, carry noise of 0.0015 near it and more far from it, and
// diverge where the truth does.
#pragma once

#include <cstdint>
#include <vector>

#include "advice/setting.hpp"

namespace etalon::bench {

// Noisy quadratics (Zhang et al. 2019, arXiv 1907.04164) of random power-law spectra, trained by
// SGD on a fixed number of examples: the closed form of the expected loss.
std::vector<Setting> noisy_quadratics(int count, std::uint64_t seed);

// η*(B) = A·x^p / (1 + x^r)^((p + q)/r), x = B/B0, of random p, q, r, B0, under an asymmetric bowl
// whose curvature and floor drift with ln B, with a cliff some octaves above.
std::vector<Setting> rising_and_falling(int count, std::uint64_t seed);

}  // namespace etalon::bench
