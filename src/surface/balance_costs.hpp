// The costs of a BalanceSurface at the same places for one set of parameters after another.
//
// Exponentials are taken of the distinct u and v only, and nothing is allocated once made. A value
// for one thread.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "surface/balance_surface.hpp"

namespace etalon {

class BalanceCosts {
 public:
  using Parameters = BalanceSurface::Parameters;

  // Places (u, v), in any order.
  BalanceCosts(const Eigen::Ref<const Eigen::ArrayXd>& u,
               const Eigen::Ref<const Eigen::ArrayXd>& v);
  Eigen::Index size() const { return u_.values.size(); }

  // A loss per place, of the surface moved by `shift` along v; good until the next call.
  const Eigen::VectorXd& losses(const Parameters& parameters, double shift = 0.0);
  // Of the losses last computed, if not moved: the sum over the places of weight times derivative.
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

  void take(Cost& cost, double log_slope, double log_rate, double a, double b, double shift);
  Eigen::ArrayXd value(const Cost& cost) const { return (cost.by_z - cost.slope) / cost.rate; }

  Coordinate u_, v_;
  Eigen::ArrayXd of_u_, of_v_;  // factors of a cost at the distinct values
  Cost progress_, noise_, instability_, steps_;
  Eigen::VectorXd losses_;
};

}  // namespace etalon
