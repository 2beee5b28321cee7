#include "cli/stored_result.hpp"

#include <fmt/format.h>

#include "cli/program_flags.hpp"
#include "etalon/campaign.hpp"
#include "etalon/error.hpp"
#include "etalon/target.hpp"

namespace etalon::cli {
namespace {

StudyResult stored_rounds(const StudyFile& study, const std::string& name,
                          const std::string& tolerance) {
  if (tolerance.empty()) return stored_study(study, name);
  const NumberOrShare asked = read_tolerance(tolerance);
  if (!asked.is_share) return stored_study(study, name, asked.value);
  throw InputError(fmt::format("{} is a share", field_name("tolerance")), name,
                   "this study compares losses by their difference: give that");
}

// The one that is given, else that of the study.
std::string tolerance_of_campaign(const StudyFile& study, const std::string& given) {
  if (!given.empty()) return given;
  const auto stored = study.meta.find("campaign.tolerance");
  return stored == study.meta.end() ? "1%" : stored->second;
}

}  // namespace

StudyResult stored_result(const StudyFile& study, const std::string& name,
                          const std::string& tolerance) {
  if (has_rounds(study)) return stored_rounds(study, name, tolerance);
  NumberOrShare nearness = read_tolerance(tolerance_of_campaign(study, tolerance));
  if (target_of(study.fingerprint)) nearness.is_share = false;
  return stored_campaign(study, name, nearness.value, nearness.is_share);
}

}  // namespace etalon::cli
