// A sweep's rows for the atlas (etalon/atlas.hpp): pairs of batch sizes whose ratio is a power of
// two to within a tenth, in both directions.
//
// The optima are etalon's own estimates; what a rule loses is read off the mean losses at the batch
// size that it goes to. Beyond the learning rates that were run, or between the last that ended
// well and the first that diverged, a rule lost at least what the nearest of those lost; from the
// first divergence on it diverged. A rule that starts from an optimum at the edge is not followed.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "advice/setting.hpp"
#include "etalon/atlas.hpp"

namespace etalon::bench {

struct AtlasSource {
  std::string name, url;
  std::string task;  // what is trained, in front of the settings' own names
};

// Losses of rule sde-power's whole recipes, one a seed, by a setting's name and two batch sizes.
using Recipes = std::map<std::tuple<std::string, double, double>, std::vector<double>>;

// Of a file that bench/sweeps/make_recipes.py wrote.
Recipes read_recipes(const std::filesystem::path& file);

std::vector<AtlasPair> atlas_pairs(const Setting& setting, const AtlasSource& source,
                                   const Recipes& recipes);

}  // namespace etalon::bench
