#include "cli/noise_study.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <system_error>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "program/first_norms.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

void refuse_columns(const RequestedNorms& requested, const fs::path& directory) {
  const bool is_asked = requested.small_norm || requested.big_norm || requested.small_batch_size ||
                        requested.big_batch_size || requested.batch_size ||
                        !requested.where.empty();
  if (!is_asked) return;
  throw InputError("a study has no columns to name", directory.string(),
                   "of these flags it takes --norm-column and --norms");
}

void refuse_built_in(const fs::path& directory) {
  const StudyFile study = read_study_file(study_file_in(directory), Curves::leave_out);
  if (setting_of(study.fingerprint, "program.metric")) return;
  throw InputError("this study is of no program", directory.string(),
                   "without it, etalon noise trains a network and measures");
}

void check_first(const std::vector<FirstNorm>& norms, const std::string& name,
                 const fs::path& directory) {
  if (norms.empty()) {
    throw InputError(fmt::format("no trial printed a '{}'", name), directory.string(),
                     "name what its program calls the gradient norm: --norm-column NAME");
  }
  const auto later = std::find_if(norms.begin(), norms.end(),
                                  [](const FirstNorm& each) { return each.step > 1.0; });
  if (later == norms.end()) return;
  throw InputError(
      fmt::format("the first '{}' at batch size {} is of step {:g}", name, later->spec.batch_size,
                  later->step),
      directory.string(),
      "by then it has learned: print it at step 1, or run it by etalon noise -- COMMAND");
}

// Batch sizes with fewer than two norms show no spread.
void leave_single(std::vector<FirstNorm>& norms, const fs::path& directory) {
  std::map<std::int64_t, int> seeds;
  for (const FirstNorm& each : norms) ++seeds[each.spec.batch_size];
  std::erase_if(norms, [&](const FirstNorm& each) { return seeds[each.spec.batch_size] < 2; });
  std::erase_if(seeds, [](const auto& entry) { return entry.second < 2; });
  if (seeds.size() >= 2) return;
  throw InputError(fmt::format("{} of its batch sizes had more than one seed", seeds.size()),
                   directory.string(),
                   "two must: --seeds 3 in the study; or etalon noise -- COMMAND");
}

}  // namespace

fs::path study_file_in(const fs::path& directory) { return directory / "study.db"; }

bool is_study(const fs::path& directory) {
  std::error_code ignored;
  return !directory.empty() && fs::exists(study_file_in(directory), ignored);
}

SingleLog read_first_norms(const fs::path& directory, const RequestedNorms& requested,
                           const Say& say) {
  refuse_columns(requested, directory);
  refuse_built_in(directory);
  const std::string metric = requested.norm.value_or("grad_norm");
  const std::string name = shortened(metric);
  std::vector<FirstNorm> norms = first_norms(directory, metric);
  check_first(norms, name, directory);
  leave_single(norms, directory);
  say(fmt::format("took the first '{}' of each seed at each batch size", name));
  SingleLog log;
  for (const FirstNorm& each : norms) {
    log.norms.push_back({static_cast<double>(each.spec.batch_size),
                         squared_norm(each.norm, requested.squared.value_or(false))});
  }
  return log;
}

}  // namespace etalon::cli
