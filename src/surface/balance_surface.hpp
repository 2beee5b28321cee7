// The loss at the end of a fixed budget as a balance of four costs, over batch size and learning
// rate. In the units of a StandardizedSweep (u = ln B/B_ref, v = ln η/η_ref):
//
//   L(u, v) = L0 + A·(e^(−p·(v − κ₁u)) − 1)/p   too little progress: falls with η, rises with B
//                + C·(e^(q·(v − κ₂u)) − 1)/q    gradient noise: rises with η, averaged out by B
//                + D·(e^(w·v) − 1)/w            instability: rises with η, whatever B is
//                + G·(e^(h·u) − 1)/h            too few steps, whatever η is
//
// so that L0 is the loss at the reference point and A, C, D, G are the slopes of the costs there.
// The noisy quadratic (Zhang et al. 2019, arXiv 1907.04164) with a power-law spectrum has the first
// two terms with κ₁ = κ₂ = 1 under SGD: progress depends on ηS = ηE/B, stationary noise on η/B.
// Sign-like updates in the noisy regime move by η√B/σ (Malladi et al. 2022, arXiv 2205.10287),
// which halves both; Adam lies between. The optimum rises while noise limits the learning rate and
// flattens where stability does: no exponent of η*(B) is assumed.
#pragma once

#include <Eigen/Core>

#include "etalon/advice.hpp"

namespace etalon {

class BalanceSurface {
 public:
  enum Parameter {
    kLevel,
    kLogA,
    kLogP,
    kKappa1,
    kLogC,
    kLogQ,
    kKappa2,
    kLogD,
    kLogW,
    kLogG,
    kLogH,
    kCount
  };
  using Parameters = Eigen::Matrix<double, kCount, 1>;

  struct Prior {
    Parameters mean;
    Parameters deviation;
  };
  static Prior prior(UpdateKind kind);

  using Jacobian = Eigen::Matrix<double, Eigen::Dynamic, kCount>;

  // At one place.
  static double loss(const Parameters& parameters, double u, double v);
  static double loss(const Parameters& parameters, double u, double v, Parameters& gradient);
};

}  // namespace etalon
