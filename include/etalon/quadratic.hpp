// The noisy quadratic (Zhang et al. 2019, arXiv 1907.04164): a training whose expected loss, best
// learning rates, noise scales and critical batch size are known exactly, to hold measurements
// against.
//
// Each coordinate θ has a curvature h, a variance c of one example's gradient, and a start θ_0 with
// E θ_0² = A0. An update of SGD with momentum β averages over B examples:
//
//   g = hθ + n, Var n = c/B      m ← βm + g      θ ← θ − ηm      m_0 = 0
//
// and the loss is ½ Σ hθ². What is expected of it follows from the moments A = E θ², C = E θm and
// M = E m²; with s = c/B and f = 1 − ηh, they are after each update
//
//   A′ = f²A − 2ηβfC + η²β²M + η²s
//   C′ = fhA + β(f − ηh)C − ηβ²M − ηs
//   M′ = h²A + 2hβC + β²M + s
//
// Without momentum, after T updates: A = qA0 + (1 − q) ηc / [Bh(2 − ηh)] with q = (1 − ηh)^2T.
// Values and pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace etalon {

struct QuadraticCoordinate {
  double curvature = 1.0;  // h, > 0
  double variance = 1.0;   // c of one example's gradient, > 0
  double start = 1.0;      // A0 = E θ_0², > 0
};

struct QuadraticUpdate {
  double batch_size = 1.0;  // B, > 0; infinite: without noise
  double lr = 0.1;          // η, > 0
  double momentum = 0.0;    // β, in [0, 1)
};

struct QuadraticMoments {
  double position = 0.0;  // E θ²
  double mixed = 0.0;     // E θm
  double velocity = 0.0;  // E m²
};

// The moments after `steps` >= 0 updates: the recursion, composed by repeated squaring.
QuadraticMoments moments_after(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update,
                               std::int64_t steps);

// E θ² in the long run, ηs(1 + β) / {h(1 − β)[2(1 + β) − ηh]}; infinite from η = 2(1 + β)/h on.
double stationary_position(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update);

// Gradient noise scales in examples (McCandlish et al. 2018, arXiv 1812.06162).
struct QuadraticNoise {
  double simple = 0.0;    // B_simple = Σ c / Σ h²A
  double weighted = 0.0;  // B_noise = Σ hc / Σ h³A, which weighs by the curvature
};

// The fewest updates to a loss.
struct QuadraticTarget {
  double steps = 0.0;  // S > 0; between whole updates the loss is taken to fall by a power
  double lr = 0.0;     // that reaches it so
};

class NoisyQuadratic {
 public:
  // Throws InputError where there is no coordinate, or for a number out of its range.
  explicit NoisyQuadratic(std::vector<QuadraticCoordinate> coordinates, double momentum = 0.0);

  std::span<const QuadraticCoordinate> coordinates() const { return coordinates_; }
  double momentum() const { return momentum_; }
  // ½ Σ hA0: the loss before any update.
  double start_loss() const;
  // 2(1 + β) / max h: from here on training diverges in the long run.
  double stability_limit() const;
  // E ½ Σ hθ² after `steps` >= 0 updates, which need not be whole: between whole ones it falls by a
  // power.
  double expected_loss(double batch_size, double lr, double steps) const;
  // The same in the long run; infinite from the stability limit on.
  double stationary_loss(double batch_size, double lr) const;
  // The constant learning rate below the stability limit with the least expected loss after
  // `steps` updates; by a scan and golden section over ln η, to about seven digits.
  double best_lr(double batch_size, double steps) const;
  // The best learning rate of the first update alone, Σ h²A0 / Σ (h³A0 + hc/B), which is
  // η_max / (1 + B_noise/B) (McCandlish et al. 2018).
  double greedy_lr(double batch_size) const;
  // After `steps` updates as of expected_loss; before the first with 0.
  QuadraticNoise noise_scales(double batch_size, double lr, double steps) const;
  // The fewest updates after which the expected loss is `target`, over constant learning rates
  // whose stationary loss is below it. Nothing where the start is not above `target`, or `target`
  // not above 0.
  std::optional<QuadraticTarget> fewest_steps(double batch_size, double target) const;
  // E_min: the fewest examples to `target`, which are those of ever smaller batches, with η in
  // proportion to B. Nothing where fewest_steps says nothing.
  std::optional<double> fewest_examples(double target) const;
  // E_min / S_min, where S_min are the fewest updates of an infinite batch.
  std::optional<double> critical_batch_size(double target) const;

 private:
  double position(const QuadraticCoordinate& coordinate, const QuadraticUpdate& update,
                  double steps) const;

  std::vector<QuadraticCoordinate> coordinates_;
  double momentum_;
};

// Whether a model's name is that of a quadratic: "quadratic", or begins with "quadratic:".
bool is_quadratic(std::string_view model);

// The coordinates that a name describes, "quadratic:N" with further ",KEY=VALUE" parts:
//
//   h_i = h · i^−h_power    c_i = c · i^−c_power    A0_i = a · i^−a_power,   i = 1, ..., N
//
// with N in [1, 100000]; h, c and a are 1 unless given, in [1e-12, 1e12]; h_power is 1, c_power is
// h_power and a_power is 0 unless given, in [-4, 4]. "quadratic:300" is h = c = 1/i and A0 = 1.
// Throws InputError for anything else.
std::vector<QuadraticCoordinate> parse_quadratic(std::string_view model);

}  // namespace etalon
