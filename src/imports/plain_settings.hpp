// A YAML document as Python programs dump it, with the classes that they put around plain settings
// taken off.
#pragma once

#include <filesystem>
#include <string_view>

#include "imports/logged_run.hpp"

namespace etalon {

// A class that is a dict is dumped as {dictitems: {lr: 0.1}, state: ...}: its items count as if
// they stood there alone. So do those of a merged map ("<<: *defaults"), where the map has none of
// that name itself. Throws InputError naming `file` where it is no YAML.
void add_dumped_settings(std::string_view text, const std::filesystem::path& file, LoggedRun& run);

}  // namespace etalon
