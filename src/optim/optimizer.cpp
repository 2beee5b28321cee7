#include "optim/optimizer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "etalon/error.hpp"
#include "optim/adamw.hpp"
#include "optim/momentum.hpp"
#include "optim/sgd.hpp"

namespace etalon {
namespace {

void require(bool holds, const char* field, const char* flag, double value,
             const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", flag, value), "",
                   fmt::format("{} must be {}", field, constraint));
}

bool is_fraction(double value) { return value >= 0.0 && value < 1.0; }

}  // namespace

void OptimizerOptions::validate() const {
  require(is_fraction(momentum), "momentum", "--momentum", momentum, "in [0, 1)");
  require(is_fraction(beta1), "beta1", "--beta1", beta1, "in [0, 1)");
  require(is_fraction(beta2), "beta2", "--beta2", beta2, "in [0, 1)");
  require(std::isfinite(eps) && eps > 0.0, "eps", "--eps", eps, "finite and > 0");
  require(std::isfinite(weight_decay) && weight_decay >= 0.0, "weight_decay", "--weight-decay",
          weight_decay, "finite and >= 0");
}

std::vector<std::string> optimizer_names() { return {"sgd", "momentum", "nesterov", "adamw"}; }

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, std::size_t size) {
  options.validate();
  if (options.name == "sgd") return std::make_unique<Sgd>(options);
  if (options.name == "momentum") return std::make_unique<Momentum>(options, size, false);
  if (options.name == "nesterov") return std::make_unique<Momentum>(options, size, true);
  if (options.name == "adamw") return std::make_unique<AdamW>(options, size);
  throw InputError(fmt::format("there is no optimizer '{}'", options.name), "--optimizer",
                   fmt::format("use one of: {}", fmt::join(optimizer_names(), ", ")));
}

}  // namespace etalon
