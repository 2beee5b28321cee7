#include "report/scale/pytorch_schedule.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "report/scale/comment.hpp"

namespace etalon {
namespace {

// A shape in Python, at a time `t` in steps: the lines before the last, and what that returns. The
// operations are those of the shape itself, in the same order, so that jumps fall on the same step.
struct PythonShape {
  std::vector<std::string> lines{};
  std::string factor{};                       // empty: 1
  std::vector<std::string> momentum_lines{};  // that set `momentum`, where it is moved
};

// As repr() prints it: every bit counts where a cycle begins.
std::string python_number(double value) { return fmt::format("{}", value); }

std::string above_floor_text(double floor, const std::string& value) {
  if (floor == 0.0) return value;
  return fmt::format("{} + {} * {}", python_number(floor), python_number(1 - floor), value);
}

std::string part_done_text(std::string_view time, double length) {
  return fmt::format("min({} / {}, 1)", time, python_number(length));
}

// From 1 to 0 as `s` goes from 0 to 1.
std::string falling_text(DecayForm form, std::string_view s) {
  switch (form) {
    case DecayForm::linear:
      return fmt::format("(1 - {})", s);
    case DecayForm::cosine:
      return fmt::format("(1 + math.cos(math.pi * {})) / 2", s);
    case DecayForm::one_minus_sqrt:
      return fmt::format("(1 - {} ** 0.5)", s);
  }
  return "";
}

PythonShape in_python(const ConstantShape&) { return {}; }

PythonShape in_python(const StepShape& shape) {
  return {.factor = fmt::format("{} ** math.floor(t / {})", python_number(shape.gamma),
                                python_number(shape.length))};
}

PythonShape in_python(const MultiStepShape& shape) {
  std::vector<std::string> milestones;
  for (const double milestone : shape.milestones) milestones.push_back(python_number(milestone));
  return {
      .lines = {fmt::format("milestones = [{}]", fmt::join(milestones, ", "))},
      .factor = fmt::format("{} ** sum(m <= t for m in milestones)", python_number(shape.gamma))};
}

PythonShape in_python(const ExponentialShape& shape) {
  return {.factor = fmt::format("{} ** t", python_number(shape.gamma))};
}

PythonShape in_python(const InverseSqrtShape& shape) {
  return {.factor = fmt::format("({0} / ({0} + t)) ** 0.5", python_number(shape.length))};
}

PythonShape in_python(const PolynomialShape& shape) {
  const std::string left = fmt::format("(1 - {})", part_done_text("t", shape.length));
  const std::string power =
      shape.power == 1.0 ? left : fmt::format("{} ** {}", left, python_number(shape.power));
  return {.factor = above_floor_text(shape.floor, power)};
}

PythonShape in_python(const CosineShape& shape) {
  return {.lines = {fmt::format("s = {}", part_done_text("t", shape.length))},
          .factor = above_floor_text(shape.floor, falling_text(DecayForm::cosine, "s"))};
}

PythonShape in_python(const WarmRestartsShape& shape) {
  const std::string length = python_number(shape.length);
  const std::string factor = above_floor_text(shape.floor, falling_text(DecayForm::cosine, "s"));
  if (shape.growth == 1.0) {
    return {.lines = {fmt::format("cycle = {}", length),
                      "s = min(max((t - math.floor(t / cycle) * cycle) / cycle, 0), 1)"},
            .factor = factor};
  }
  return {.lines = {fmt::format("start, cycle = 0, {}", length), "while t >= start + cycle:",
                    fmt::format("    start, cycle = start + cycle, cycle * {}",
                                python_number(shape.growth)),
                    "s = min((t - start) / cycle, 1)"},
          .factor = factor};
}

PythonShape in_python(const StableDecayShape& shape) {
  return {.lines = {fmt::format("s = min(max((t - {}) / {}, 0), 1)", python_number(shape.stable),
                                python_number(shape.decay))},
          .factor = above_floor_text(shape.floor, falling_text(shape.form, "s"))};
}

PythonShape in_python(const OneCycleShape& shape) {
  const double start = 1 / shape.start_divisor;
  return {.lines = {fmt::format("rise, rest = {}, {}", python_number(shape.rise),
                                python_number(shape.length - shape.rise)),
                    "up = t < rise", "s = t / rise if up else min((t - rise) / rest, 1)",
                    fmt::format("fall = {}", falling_text(shape.form, "s")),
                    fmt::format("start, end = {}, {}", python_number(start),
                                python_number(start / shape.end_divisor)),
                    "factor = 1 + (start - 1) * fall if up else end + (1 - end) * fall"},
          .factor = "factor",
          .momentum_lines = {
              fmt::format("low, high = {}, {}", python_number(shape.momentum_low),
                          python_number(shape.momentum_high)),
              "momentum = low + (high - low) * fall if up else high + (low - high) * fall"}};
}

PythonShape in_python(const CyclicalShape& shape) {
  std::string height = "height";
  if (shape.mode == CycleMode::halving) height += " * 2.0 ** -cycle";
  if (shape.mode == CycleMode::exponential) {
    height += fmt::format(" * {} ** t", python_number(shape.gamma));
  }
  return {.lines = {fmt::format("up, down = {}, {}", python_number(shape.up),
                                python_number(shape.down)),
                    "cycle = math.floor(t / (up + down))", "s = t - cycle * (up + down)",
                    "height = s / up if s <= up else max(0, (up + down - s) / down)"},
          .factor = above_floor_text(shape.low, height)};
}

std::string warmup_text(const Warmup& warmup) {
  const std::string start = python_number(warmup.start);
  const std::string length = python_number(warmup.length);
  if (warmup.kind == WarmupKind::constant) {
    return fmt::format("{} if step < {} else 1", start, length);
  }
  if (warmup.start == 0.0) return fmt::format("min(step / {}, 1)", length);
  return fmt::format("min({} + {} * step / {}, 1)", start, python_number(1 - warmup.start), length);
}

// A sum needs parentheses before it is multiplied.
std::string as_product(const std::string& expression) {
  const bool is_sum = expression.find(" + ") != std::string::npos && expression.front() != '(';
  return is_sum ? fmt::format("({})", expression) : expression;
}

class PythonSchedule {
 public:
  PythonSchedule(const Schedule& schedule, MomentumPlace place)
      : warmup_(schedule.warmup),
        shape_(std::visit([](const auto& shape) { return in_python(shape); }, schedule.shape)) {
    if (place == MomentumPlace::none) shape_.momentum_lines.clear();
    momentum_in_betas_ = place == MomentumPlace::betas;
  }

  std::string write() {
    if (warmup_.length == 0.0 && shape_.factor.empty()) return "";
    return "\n\n" + write_function() + "\n\n" + write_scheduler();
  }

 private:
  bool warms_up() const { return warmup_.length > 0.0; }
  bool moves_momentum() const { return !shape_.momentum_lines.empty(); }

  std::string write_function() const {
    std::string text = fmt::format("def {}(step):\n", moves_momentum() ? "one_cycle" : "lr_factor");
    const auto line = [&text](const std::string& code) { text += fmt::format("    {}\n", code); };
    line(moves_momentum() ? R"("""lr over its peak, and momentum, at update `step` from 0.""")"
                          : R"("""lr over the one given above, at update `step` from 0.""")");
    const bool shaped = !shape_.factor.empty();
    if (warms_up() && shaped) line(fmt::format("warmup = {}", warmup_text(warmup_)));
    if (shaped) line(time_line());
    for (const std::string& code : shape_.lines) line(code);
    for (const std::string& code : shape_.momentum_lines) line(code);
    line(fmt::format("return {}{}", factor_text(), moves_momentum() ? ", momentum" : ""));
    return text;
  }

  std::string time_line() const {
    if (!warms_up() || warmup_.beneath) return "t = step";
    return fmt::format("t = max(step - {}, 0)", python_number(warmup_.length));
  }

  std::string factor_text() const {
    if (shape_.factor.empty()) return warmup_text(warmup_);
    if (!warms_up()) return shape_.factor;
    return fmt::format("warmup * {}", as_product(shape_.factor));
  }

  std::string write_scheduler() const {
    if (!moves_momentum()) {
      return "scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lr_factor)\n";
    }
    return fmt::format(
        "class OneCycle(torch.optim.lr_scheduler.LambdaLR):\n"
        "    def step(self, *args):\n"
        "        super().step(*args)\n"
        "        momentum = one_cycle(self.last_epoch)[1]\n"
        "        for group in self.optimizer.param_groups:\n"
        "            {}\n\n\n"
        "scheduler = OneCycle(optimizer, lambda step: one_cycle(step)[0])\n",
        momentum_in_betas_ ? R"(group["betas"] = (momentum, group["betas"][1]))"
                           : R"(group["momentum"] = momentum)");
  }

  Warmup warmup_;
  PythonShape shape_;
  bool momentum_in_betas_ = false;
};

}  // namespace

std::string pytorch_schedule(const Schedule& schedule, MomentumPlace place) {
  return PythonSchedule(schedule, place).write();
}

}  // namespace etalon
