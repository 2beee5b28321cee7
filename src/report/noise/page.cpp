#include "report/page.hpp"

#include <nlohmann/json.hpp>

#include "report/assets.hpp"
#include "report/noise/noise_answer.hpp"
#include "report/noise/page_data.hpp"

namespace etalon {

void write_noise_page(const NoiseAnswer& answer, std::ostream& out) {
  write_page({.body = assets::noise_html(),
              .style = assets::noise_css(),
              .json = noise_page_data(answer).dump(),
              .script = assets::noise_js()},
             out);
}

}  // namespace etalon
