// What the atlas says about a move, for people.
#pragma once

#include <string>

#include "etalon/atlas.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// A paragraph and a small table; empty where the atlas has no such move.
std::string evidence_text(const AtlasEvidence& evidence, const TextStyle& style);

}  // namespace etalon
