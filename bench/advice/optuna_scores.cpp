#include "advice/optuna_scores.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>

namespace etalon::bench {

// The script says "name,r1,...,r5" a line.
std::vector<SearchScore> search_with_optuna(const OptunaRun& run) {
  const std::string command =
      fmt::format("'{}' '{}' '{}' --stride {} --group-by '{}'", run.python, ETALON_OPTUNA_SCRIPT,
                  run.file, run.stride, fmt::join(run.group_by, ","));
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::vector<SearchScore> scores;
  std::array<char, 4096> line{};
  while (pipe && std::fgets(line.data(), static_cast<int>(line.size()), pipe.get())) {
    std::istringstream fields(line.data());
    SearchScore& score = scores.emplace_back();
    std::getline(fields, score.method, ',');
    std::string field;
    for (double& regret : score.regrets) {
      if (std::getline(fields, field, ',')) regret = std::stod(field);
    }
  }
  return scores;
}

}  // namespace etalon::bench
