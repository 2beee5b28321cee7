// The document of summary.json and its pieces, for reports that carry them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "etalon/report.hpp"

namespace etalon {

nlohmann::ordered_json summary_document(const StudyResult& result, const Provenance& provenance);

// What is set, by name.
nlohmann::ordered_json moved_json(const MovedSettings& moved);

// `document` as text: bytes that are not UTF-8 become U+FFFD, what is not finite becomes null.
std::string json_text(const nlohmann::ordered_json& document, int indent);

}  // namespace etalon
