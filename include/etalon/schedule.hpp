// Learning-rate schedules as small values: η(t) and, where the schedule moves it, momentum m(t).
//
// A `Schedule` is a peak learning rate times a warm-up times a shape, each a function of time t
// counted in one unit (steps, epochs or examples). A training loop keeps a `Progress` and asks
// `lr(progress)` before every step, so the first step sees t = 0. Schedules are plain values: copy,
// compare, write them to JSON and read them back; evaluating them is pure and safe from any thread.
// `ReduceOnPlateau` alone has state. Broken input throws `InputError`; past its end a schedule
// keeps its last value.
//
// Sources are named at each shape; PyTorch 1.13 is the witness where it has the same scheduler.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "etalon/duration.hpp"

namespace etalon {

// How far a training is; what a schedule is evaluated at.
struct Progress {
  double steps = 0.0;
  double epochs = 0.0;
  double examples = 0.0;

  double in(DurationUnit unit) const;
  // One step over `batch_size` examples of a training set of `dataset_size`.
  void advance(std::int64_t batch_size, std::int64_t dataset_size);
};

// The shapes. Each gives a factor f(t) of the peak η, f = 1 at the peak; `length` is T > 0 in the
// schedule's unit, and `floor` a fraction of the peak in [0, 1].

struct ConstantShape {  // f = 1
  bool operator==(const ConstantShape&) const = default;
};

struct StepShape {  // f = γ^⌊t/T⌋
  double length = 1.0;
  double gamma = 0.1;  // in (0, 1]
  bool operator==(const StepShape&) const = default;
};

struct MultiStepShape {              // f = γ^(number of milestones <= t)
  std::vector<double> milestones{};  // ascending, > 0
  double gamma = 0.1;                // in (0, 1]
  bool operator==(const MultiStepShape&) const = default;
};

struct ExponentialShape {  // f = γ^t
  double gamma = 0.9;      // per unit of time, in (0, 1]
  bool operator==(const ExponentialShape&) const = default;
};

// f = √(T/(T + t)): with T the length of the warm-up before it, η falls as 1/√ of the time since
// the training began.  Vaswani et al. 2017, arXiv 1706.03762.
struct InverseSqrtShape {
  double length = 1.0;
  bool operator==(const InverseSqrtShape&) const = default;
};

struct PolynomialShape {  // f = floor + (1 − floor)(1 − t/T)^p; p = 1 is linear decay
  double length = 1.0;
  double power = 1.0;  // p > 0
  double floor = 0.0;
  bool operator==(const PolynomialShape&) const = default;
};

// f = floor + (1 − floor)(1 + cos(πt/T))/2.  Loshchilov & Hutter 2016, arXiv 1608.03983.
struct CosineShape {
  double length = 1.0;
  double floor = 0.0;
  bool operator==(const CosineShape&) const = default;
};

// Cosine over T, then over T·q, T·q², ..., each from 1 again.  Loshchilov & Hutter 2016.
struct WarmRestartsShape {
  double length = 1.0;  // T of the first cycle
  double growth = 1.0;  // q >= 1
  double floor = 0.0;
  bool operator==(const WarmRestartsShape&) const = default;
};

enum class DecayForm {
  linear,         // 1 − s
  cosine,         // (1 + cos πs)/2
  one_minus_sqrt  // 1 − √s, Hägele et al. 2024, arXiv 2405.18392
};

// 1 for `stable`, then floor + (1 − floor)·form(s), s from 0 to 1 over `decay`. With a warm-up it
// is warm-up–stable–decay.  Hu et al. 2024, arXiv 2404.06395.
struct StableDecayShape {
  double stable = 0.0;  // >= 0
  double decay = 1.0;   // > 0
  DecayForm form = DecayForm::linear;
  double floor = 0.0;
  bool operator==(const StableDecayShape&) const = default;
};

// From 1/start_divisor up to 1 at `rise`, then down to 1/(start_divisor · end_divisor) at `length`;
// momentum runs the other way, high → low → high.  Smith & Topin 2017, arXiv 1708.07120.
// PyTorch's OneCycleLR(total_steps = n, pct_start = p) is length n − 1, rise p·n − 1.
struct OneCycleShape {
  double length = 1.0;
  double rise = 0.3;                   // in (0, length)
  double start_divisor = 25.0;         // >= 1
  double end_divisor = 1e4;            // >= 1
  DecayForm form = DecayForm::cosine;  // linear or cosine
  double momentum_low = 0.85;          // 0 <= low <= high < 1
  double momentum_high = 0.95;
  bool operator==(const OneCycleShape&) const = default;
};

enum class CycleMode {
  triangular,  // every cycle as high as the first
  halving,     // every cycle half as high as the one before (PyTorch's triangular2)
  exponential  // height γ^t (PyTorch's exp_range)
};

// From `low` to 1 over `up` and back over `down`, again and again; momentum, if given, the other
// way.  Smith 2015, arXiv 1506.01186.
struct CyclicalShape {
  double up = 1.0;
  double down = 1.0;
  double low = 0.1;  // fraction of the peak, in [0, 1]
  CycleMode mode = CycleMode::triangular;
  double gamma = 1.0;  // in (0, 1], for exponential
  std::optional<double> momentum_low{};
  std::optional<double> momentum_high{};
  bool operator==(const CyclicalShape&) const = default;
};

using Shape = std::variant<ConstantShape, StepShape, MultiStepShape, ExponentialShape,
                           PolynomialShape, CosineShape, WarmRestartsShape, StableDecayShape,
                           OneCycleShape, CyclicalShape, InverseSqrtShape>;

enum class WarmupKind {
  linear,   // from `start` to 1 over `length`
  constant  // `start` for `length`, then 1
};

// A factor w(t) on top of any shape.  Goyal et al. 2017, arXiv 1706.02677.
struct Warmup {
  WarmupKind kind = WarmupKind::linear;
  double length = 0.0;  // W >= 0 in the schedule's unit; 0: none
  double start = 0.0;   // fraction in [0, 1]
  // false: the shape begins when the warm-up ends, f(t) = w(t)·shape(max(t − W, 0));
  // true: it runs beneath, f(t) = w(t)·shape(t), as where milestones are counted from the start.
  bool beneath = false;

  bool operator==(const Warmup&) const = default;
};

struct Schedule {
  double peak_lr = 0.0;  // η where warm-up and shape are 1, finite, > 0
  DurationUnit unit = DurationUnit::steps;
  Warmup warmup;
  Shape shape;

  void validate() const;

  double lr(const Progress& progress) const;
  // Empty where the shape does not move the momentum.
  std::optional<double> momentum(const Progress& progress) const;

  // At a time in the schedule's own unit, >= 0.
  double lr_at(double time) const;
  std::optional<double> momentum_at(double time) const;

  // When the shape reaches its last value, in the schedule's unit; empty where it never does.
  std::optional<double> end() const;

  bool operator==(const Schedule&) const = default;
};

// The same schedule counted in another unit at this batch size and size of the training set.
Schedule convert(const Schedule& schedule, DurationUnit unit, std::int64_t batch_size,
                 std::int64_t dataset_size);

// JSON as docs/schedules.md describes it. Numbers read back exactly; unknown keys are refused.
std::string to_json(const Schedule& schedule);
Schedule schedule_from_json(std::string_view json);

// Options of reduce on plateau, with PyTorch's defaults.
struct PlateauOptions {
  double lr = 0.0;             // initial η, > 0
  double factor = 0.1;         // η ← factor·η, in (0, 1)
  std::int64_t patience = 10;  // observations without improvement that are forgiven, >= 0
  double threshold = 1e-4;     // an improvement is below best·(1 − threshold), in [0, 1)
  std::int64_t cooldown = 0;   // observations after a reduction that do not count, >= 0
  double min_lr = 0.0;         // >= 0

  void validate() const;
  bool operator==(const PlateauOptions&) const = default;
};

// Lowers η when a loss (minimized, > 0) has not improved for longer than `patience` observations.
// State is four numbers, kept in the JSON; one thread at a time.
class ReduceOnPlateau {
 public:
  explicit ReduceOnPlateau(const PlateauOptions& options);

  double lr() const { return lr_; }
  // Takes one measured loss and gives the η that holds from now on. A loss that is not finite
  // counts as no improvement.
  double observe(double loss);

  std::string to_json() const;
  static ReduceOnPlateau from_json(std::string_view json);

  bool operator==(const ReduceOnPlateau&) const = default;

 private:
  PlateauOptions options_;
  double lr_;
  std::optional<double> best_;
  std::int64_t bad_ = 0;
  std::int64_t cooling_ = 0;
};

}  // namespace etalon
