// What the page of `etalon noise` draws besides the answer: curves that are smooth between the
// places where something was measured or asked. The page's script has no formula of its own.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "report/noise/noise_answer.hpp"

namespace etalon {

// The answer, and `curve`, `line_curve` and `limits` where there is anything to draw.
nlohmann::ordered_json noise_page_data(const NoiseAnswer& answer);

// What limits one step of SGD, at the last point at which steps were tried, else the last one: the
// point as it is in the answer, `curve` of its best steps by batch size and the `tried` ones, all
// as the training's optimizer has to go them. Null where nothing is known.
nlohmann::ordered_json limits_json(const NoiseAnswer& answer);

// `count` batch sizes, evenly in their logarithm.
std::vector<double> sizes_between(double low, double high, int count);

}  // namespace etalon
