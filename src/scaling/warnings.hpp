// Where a request is past what a rule can promise.
#pragma once

#include <string>
#include <vector>

#include "etalon/scaling.hpp"
#include "scaling/rule_table.hpp"

namespace etalon {

std::vector<std::string> find_warnings(const Rule& rule, const RuleContext& context,
                                       const Recipe& scaled);

}  // namespace etalon
