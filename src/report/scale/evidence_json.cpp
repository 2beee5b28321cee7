#include "report/scale/evidence_json.hpp"

#include <cmath>

namespace etalon {
namespace {

using EvidenceJson = nlohmann::ordered_json;

EvidenceJson lost_json(const RuleLoss& lost) {
  const bool diverged = std::isinf(lost.loss);
  return {{"loss", diverged ? EvidenceJson() : EvidenceJson(lost.loss)},
          {"diverged", diverged},
          {"at_least", lost.at_least}};
}

EvidenceJson record_json(const RuleRecord& record) {
  EvidenceJson json = {{"rule", record.rule},
                       {"sources", record.sources},
                       {"settings", record.settings},
                       {"share_lost", record.share_lost},
                       {"median", lost_json(record.median)},
                       {"worst", lost_json(record.worst)},
                       {"by_source", EvidenceJson::array()}};
  for (const SourceShare& each : record.by_source) {
    json["by_source"].push_back(
        {{"source", each.source}, {"settings", each.settings}, {"share_lost", each.share_lost}});
  }
  return json;
}

}  // namespace

EvidenceJson evidence_json(const AtlasEvidence& evidence) {
  EvidenceJson json = {{"kappa_low", evidence.query.kappa / evidence.query.factor},
                       {"kappa_high", evidence.query.kappa * evidence.query.factor},
                       {"tolerance", evidence.query.tolerance},
                       {"sources", EvidenceJson::array()},
                       {"rules", EvidenceJson::array()},
                       {"exponent", EvidenceJson()}};
  for (const SourceCount& each : evidence.sources) {
    json["sources"].push_back({{"source", each.source},
                               {"url", each.url},
                               {"settings", each.settings},
                               {"pairs", each.pairs}});
  }
  for (const RuleRecord& each : evidence.rules) json["rules"].push_back(record_json(each));
  if (const auto& spread = evidence.exponent) {
    json["exponent"] = {{"sources", spread->sources},
                        {"settings", spread->settings},
                        {"low", spread->low},
                        {"median", spread->median},
                        {"high", spread->high}};
  }
  return json;
}

}  // namespace etalon
