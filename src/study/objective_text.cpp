#include "study/objective_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "core/plain_number.hpp"

namespace etalon {

bool counts_steps(const WorkloadInfo& workload) {
  constexpr std::string_view kOfTarget = "ln steps";
  return workload.objective_name.starts_with(kOfTarget);
}

std::string word_of(const WorkloadInfo& workload) {
  return counts_steps(workload) ? "steps" : workload.word();
}

std::string amount_text(const WorkloadInfo& workload, double difference, int digits) {
  if (!counts_steps(workload)) return rounded_number(difference, digits);
  return rounded_number(100.0 * std::expm1(difference), 2) + "%";
}

std::string nearness_text(const WorkloadInfo& workload, double tolerance) {
  constexpr int kDigits = 6;
  return fmt::format("{} of the {} {}", amount_text(workload, tolerance, kDigits),
                     counts_steps(workload) ? "fewest" : "best", word_of(workload));
}

std::string shortfall_text(const WorkloadInfo& workload, double regret) {
  return counts_steps(workload) ? fmt::format("takes {} more steps", amount_text(workload, regret))
                                : fmt::format("loses {}", amount_text(workload, regret));
}

}  // namespace etalon
