#include "report/forecast_json.hpp"

namespace etalon {

nlohmann::ordered_json forecast_json(const Forecast& forecast) {
  return {{"batch_size", forecast.batch_size},
          {"lr", forecast.lr},
          {"lr_low", forecast.lr_low},
          {"lr_high", forecast.lr_high},
          {"expected_regret", forecast.expected_regret},
          {"nearest_batch_size", forecast.nearest_batch_size},
          {"extrapolation", forecast.extrapolation}};
}

}  // namespace etalon
