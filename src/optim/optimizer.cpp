#include "optim/optimizer.hpp"

#include "etalon/error.hpp"
#include "optim/adafactor.hpp"
#include "optim/adam.hpp"
#include "optim/adamw.hpp"
#include "optim/lamb.hpp"
#include "optim/lars.hpp"
#include "optim/lion.hpp"
#include "optim/momentum.hpp"
#include "optim/muon.hpp"
#include "optim/rmsprop.hpp"
#include "optim/sgd.hpp"

namespace etalon {

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& given,
                                          const ParameterLayout& layout) {
  const OptimizerOptions options = given.with_defaults();
  const auto size = static_cast<std::size_t>(layout.size);
  switch (options.info().family) {
    case OptimizerFamily::sgd:
      return std::make_unique<Sgd>(options);
    case OptimizerFamily::momentum:
      return std::make_unique<Momentum>(options, size, false);
    case OptimizerFamily::nesterov:
      return std::make_unique<Momentum>(options, size, true);
    case OptimizerFamily::adam:
      return std::make_unique<Adam>(options, size);
    case OptimizerFamily::adamw:
      return std::make_unique<AdamW>(options, size);
    case OptimizerFamily::rmsprop:
      return std::make_unique<RmsProp>(options, size);
    case OptimizerFamily::lars:
      return std::make_unique<Lars>(options, layout);
    case OptimizerFamily::lamb:
      return std::make_unique<Lamb>(options, layout);
    case OptimizerFamily::lion:
      return std::make_unique<Lion>(options, size);
    case OptimizerFamily::adafactor:
      return std::make_unique<Adafactor>(options, layout);
    case OptimizerFamily::muon:
      return std::make_unique<Muon>(options, layout);
  }
  return nullptr;
}

}  // namespace etalon
