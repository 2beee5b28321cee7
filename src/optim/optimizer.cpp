#include "optim/optimizer.hpp"

#include "etalon/error.hpp"
#include "optim/adam.hpp"
#include "optim/adamw.hpp"
#include "optim/lamb.hpp"
#include "optim/lars.hpp"
#include "optim/momentum.hpp"
#include "optim/rmsprop.hpp"
#include "optim/sgd.hpp"

namespace etalon {

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& given,
                                          const ParameterLayout& layout) {
  const OptimizerOptions options = given.with_defaults();
  const auto size = static_cast<std::size_t>(layout.size);
  if (options.name == "sgd") return std::make_unique<Sgd>(options);
  if (options.name == "nesterov") return std::make_unique<Momentum>(options, size, true);
  if (options.name == "adam") return std::make_unique<Adam>(options, size);
  if (options.name == "adamw") return std::make_unique<AdamW>(options, size);
  if (options.name == "rmsprop") return std::make_unique<RmsProp>(options, size);
  if (options.name == "lars") return std::make_unique<Lars>(options, layout);
  if (options.name == "lamb") return std::make_unique<Lamb>(options, layout);
  return std::make_unique<Momentum>(options, size, false);
}

}  // namespace etalon
