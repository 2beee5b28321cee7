// What optima say about one law: its weight by held-out prediction and draws of its coefficients.
//
// Shapes are drawn from the law's prior and weighted by the likelihood of the optima (importance
// sampling); the intercept ln A is integrated out in closed form, batch size by batch size. An
// optimum departs from the law by a normal deviate of its own at every batch size, because laws are
// simplifications. The same arguments give the same draws. Immutable; safe from any thread.
#pragma once

#include <span>
#include <vector>

#include "etalon/law.hpp"
#include "law/law_forms.hpp"

namespace etalon {

struct OptimumPoint {
  double log_batch_size = 0.0;
  double log_lr = 0.0;
  double variance = 0.0;  // of log_lr, as measured
  Censoring censored = Censoring::none;
};

// By ascending batch size, without those that say nothing; `level` is the coverage of the optima's
// intervals.
std::vector<OptimumPoint> to_points(std::span<const Optimum> optima, double level);

// Points before this one are known, those from it on are predicted, when weights are found.
inline std::size_t first_held_out(std::size_t points) { return points / 2; }

class LawPosterior {
 public:
  LawPosterior(const LawForm& form, std::span<const OptimumPoint> points,
               const LawOptions& options);

  const LawForm& form() const { return *form_; }
  // The logarithm of the density of the larger half of the points given the smaller.
  double log_held_out() const { return log_held_out_; }
  std::vector<Coefficient> coefficients(double level) const;
  // One law that may hold.
  struct Sample {
    LawShape shape;
    double intercept = 0.0;  // ln A
    double misfit = 0.0;     // deviation of ln η* about the law
    double deviate = 0.0;    // standard normal: where about the law ln η* falls
  };
  // Equally likely.
  std::vector<Sample> draw(std::size_t count, RandomStream& stream) const;
  // Their ln η* at a batch size. At one of a point, the point is counted in.
  std::vector<double> optima_of(std::span<const Sample> samples, double log_batch_size) const;

 private:
  struct Draw {
    LawShape shape;
    double misfit = 0.0;              // deviation of ln η* about the law
    double intercept = 0.0;           // mean of ln A given the shape
    double intercept_variance = 0.0;  // of ln A given the shape
    double drawn_intercept = 0.0;
    double weight = 0.0;
  };

  void draw_shapes(const LawOptions& options);
  Draw weigh(const LawShape& shape, double misfit, double prior_intercept, double& log_first,
             double& log_all) const;

  const LawForm* form_;
  std::vector<OptimumPoint> points_;
  std::vector<Draw> draws_;
  double total_weight_ = 0.0;
  double log_held_out_ = 0.0;
};

// One per law; none where fewer than two optima are interior.
std::vector<LawPosterior> fit_laws(std::span<const Optimum> optima, const LawOptions& options);

LawComparison compare_laws(std::span<const LawPosterior> laws, double level);

}  // namespace etalon
