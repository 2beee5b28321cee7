// How `etalon fit` shows its answer.
#pragma once

#include <string>
#include <vector>

#include "runs/group_fit.hpp"

namespace etalon {

std::string fit_json(const std::vector<GroupFit>& fits);
// A line per optimum, prediction, rule and refusal, RFC 4180.
std::string fit_csv(const std::vector<GroupFit>& fits);
std::string fit_table(const std::vector<GroupFit>& fits, double level);

// What the page of a fit draws: `groups` are those that were fitted, in the same order.
std::string fit_page_json(const std::vector<GroupFit>& fits, const std::vector<RunGroup>& groups,
                          const std::string& source, double level);

}  // namespace etalon
