// What the atlas says about a move, for programs; the keys are in docs/scaling.md.
#pragma once

#include <nlohmann/json.hpp>

#include "etalon/atlas.hpp"

namespace etalon {

nlohmann::ordered_json evidence_json(const AtlasEvidence& evidence);

}  // namespace etalon
