// Shapes as JSON: {"kind": "cosine", "length": 90, "floor": 0}.
#pragma once

#include "etalon/schedule.hpp"
#include "schedule/json_fields.hpp"

namespace etalon {

Json shape_to_json(const Shape& shape);
Shape shape_from_json(const Json& json);

}  // namespace etalon
