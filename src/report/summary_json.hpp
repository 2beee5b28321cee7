// summary.json: what a study found, for programs. The keys are a contract, described in
// docs/summary-json.md. What is not known is null, never NaN; numbers read back as the same double.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "report/reporter.hpp"

namespace etalon {

class SummaryJsonReporter : public Reporter {
 public:
  void report(const StudyResult& result, const Provenance& provenance,
              std::ostream& out) const override;
};

// The document itself, for reports that carry it.
nlohmann::ordered_json summary_document(const StudyResult& result, const Provenance& provenance);

// What is set, by name.
nlohmann::ordered_json moved_json(const MovedSettings& moved);

// `document` as text: bytes that are not UTF-8 become U+FFFD, what is not finite becomes null.
std::string json_text(const nlohmann::ordered_json& document, int indent);

}  // namespace etalon
