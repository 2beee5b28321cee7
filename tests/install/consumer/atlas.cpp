// A program that wants to know what happened elsewhere.
#include <cstdio>
#include <etalon/atlas.hpp>

int main() {
  const etalon::AtlasQuery query{.optimizer = etalon::OptimizerFamily::adamw, .kappa = 8.0};
  const etalon::AtlasEvidence evidence = etalon::gather_evidence(etalon::atlas(), query);
  for (const etalon::RuleRecord& each : evidence.rules) {
    std::printf("%s lost in %.2f\n", std::string(each.rule).c_str(), each.share_lost);
  }
  return evidence.sources.empty() ? 1 : 0;
}
