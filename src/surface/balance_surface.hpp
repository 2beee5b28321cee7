// The loss at the end of a fixed budget as a balance of four costs, over batch size and learning
// rate. In the units of a StandardizedSweep (u = ln B/B_ref, v = ln η/η_ref):
//
//   L(u, v) = L0 + A·(s(e^(−p·(v − κ₁u))) − 1)/p   too little progress: falls with η, rises with B
//                + C·(e^(q·(v − κ₂u)) − 1)/q       gradient noise: rises with η, averaged out by B
//                + D·(e^(w·(v + κ₃u)) − 1)/w       instability: rises with η, and no less with B
//                + G·(e^(h·u) − 1)/h               too few steps, whatever η is
//
// so that L0 is the loss at the reference point and A·M/(M + 1), C, D, G are the slopes of the
// costs there. A training that hardly moves loses no more than it could have learned: progress
// costs at most M times as much as at the reference, by s(x) = (M + 1)·x/(M + x). (One step of
// gradient descent on a quadratic loses 1 − 2ηh at first, which s(e^(−v)) follows.) The noisy
// quadratic (Zhang et al. 2019, arXiv 1907.04164) with a power-law spectrum has the first two terms
// with κ₁ = κ₂ = 1 under SGD: progress depends on ηS = ηE/B, stationary noise on η/B. Sign-like
// updates in the noisy regime move by η√B/σ (Malladi et al. 2022, arXiv 2205.10287), which halves
// both; Adam lies between. The optimum rises while noise limits the learning rate and flattens
// where stability does, or falls: what is stable falls with B, by κ₃ ≥ 0, where gradients with less
// noise lead to where the loss curves more (Jastrzębski et al. 2020, arXiv 2002.09572), and under
// sign-like updates past the noise scale (Li et al. 2024, arXiv 2405.14578). No exponent of η*(B)
// is assumed.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "etalon/advice.hpp"

namespace etalon {

class BalanceSurface {
 public:
  enum Parameter {
    kLevel,
    kLogA,
    kLogP,
    kLogHeight,  // ln M
    kKappa1,
    kLogC,
    kLogQ,
    kKappa2,
    kLogD,
    kLogW,
    kLogKappa3,
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

// The costs of a BalanceSurface at the same places for one set of parameters after another.
//
// Exponentials are taken of the distinct u and v only, and nothing is allocated once made. A value
// for one thread.
class BalanceCosts {
 public:
  using Parameters = BalanceSurface::Parameters;

  // Places (u, v), in any order.
  BalanceCosts(const Eigen::Ref<const Eigen::ArrayXd>& u,
               const Eigen::Ref<const Eigen::ArrayXd>& v);
  Eigen::Index size() const { return u_.values.size(); }

  // A loss per place; good until the next call.
  const Eigen::VectorXd& losses(const Parameters& parameters);
  // Of the losses last computed: the sum over the places of weight times derivative.
  Parameters gradient(const Eigen::VectorXd& weights) const;
  // The derivatives themselves, a row per place.
  BalanceSurface::Jacobian jacobian() const;

 private:
  struct Coordinate {
    explicit Coordinate(const Eigen::Ref<const Eigen::ArrayXd>& all);
    Eigen::ArrayXd values;
    Eigen::ArrayXd distinct;
    std::vector<Eigen::Index> index;  // into `distinct`, one per value
  };
  // S·(e^(r·(a·u + b·v)) − 1)/r.
  struct Cost {
    double slope, rate, a, b;
    Eigen::ArrayXd value;
    Eigen::ArrayXd by_z;  // the derivative by the bracket
  };

  void take(Cost& cost, double log_slope, double log_rate, double a, double b);
  void saturate(Cost& cost, double height);

  Coordinate u_, v_;
  Eigen::ArrayXd of_u_, of_v_;  // factors of a cost at the distinct values
  Cost progress_, noise_, instability_, steps_;
  Eigen::ArrayXd saturated_, by_log_height_;  // of progress: 1/(x + M), and the derivative
  Eigen::VectorXd losses_;
};

// The losses of a BalanceSurface over learning rates at one batch size, for one set of parameters
// after another.
//
// Equally spaced learning rates are taken in blocks: e^(r·(v + i·s)) is e^(r·v)·e^(r·i·s), whose
// first factor is one for a block and whose second is the same in all. A value for one thread.
class BalanceCurve {
 public:
  using Parameters = BalanceSurface::Parameters;

  // At any ascending v.
  BalanceCurve(double u, std::span<const double> v);
  // Adds a loss per learning rate to `sum`, of the surface moved by `shift` along v.
  void add_losses(const Parameters& parameters, double shift, Eigen::Ref<Eigen::VectorXd> sum);

 private:
  // e^(rate·(v − shift)) at each v, bounded.
  void take_exponentials(double rate, double shift);

  double u_;
  Eigen::ArrayXd starts_;   // of the blocks, along v
  Eigen::ArrayXd offsets_;  // within a block
  Eigen::ArrayXd of_starts_, of_offsets_;
  Eigen::ArrayXd exponentials_;
};

}  // namespace etalon
