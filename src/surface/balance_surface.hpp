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
    Eigen::ArrayXd by_z;  // S·e^(...), the derivative by the bracket
  };

  void take(Cost& cost, double log_slope, double log_rate, double a, double b);
  Eigen::ArrayXd value(const Cost& cost) const { return (cost.by_z - cost.slope) / cost.rate; }

  Coordinate u_, v_;
  Eigen::ArrayXd of_u_, of_v_;  // factors of a cost at the distinct values
  Cost progress_, noise_, instability_, steps_;
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
  // Adds scale·e^(rate·(v − shift)).
  void add_exponentials(double scale, double rate, double shift, Eigen::Ref<Eigen::VectorXd> sum);

  double u_;
  Eigen::ArrayXd starts_;   // of the blocks, along v
  Eigen::ArrayXd offsets_;  // within a block
  Eigen::ArrayXd of_starts_, of_offsets_;
};

}  // namespace etalon
