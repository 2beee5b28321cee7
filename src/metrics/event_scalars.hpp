// What a message of a TensorBoard event file says in numbers. Pure; never throws: what is malformed
// is left out.
#pragma once

#include <string_view>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

// The scalars of a serialized tensorflow.Event, `step` first; empty where it has none. Scalars are
// `simple_value`s, or tensors of one number (of plugin "scalars", where one is named), as newer
// writers have them.
std::vector<NamedValue> scalars_of_event(std::string_view message);

// The name of the plugin in a serialized SummaryMetadata; empty where it names none.
std::string_view plugin_of(std::string_view metadata);

}  // namespace etalon
