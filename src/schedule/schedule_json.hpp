// A whole schedule as a JSON value, for documents that contain one.
#pragma once

#include "etalon/schedule.hpp"
#include "schedule/json_fields.hpp"

namespace etalon {

Json schedule_to_json_value(const Schedule& schedule);
Schedule schedule_from_json_value(const Json& json);

}  // namespace etalon
