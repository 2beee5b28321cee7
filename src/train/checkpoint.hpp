// A training's state as bytes: docs/checkpoint.md is the format.
//
// `encode` and `decode` are pure and inverse to each other, bit for bit. `decode` refuses whatever
// is not exactly such a file: another program's, a later version's, a truncated or altered one.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/aligned_vector.hpp"

namespace etalon {

struct Checkpoint {
  nlohmann::ordered_json header;       // everything but the vectors
  std::vector<AlignedVector> vectors;  // weights, optimizer, average
};

std::string encode_checkpoint(const nlohmann::ordered_json& header,
                              std::span<const std::span<float>> vectors);

// `place` names the file in messages. Throws InputError.
Checkpoint decode_checkpoint(std::string_view bytes, const std::string& place);

}  // namespace etalon
