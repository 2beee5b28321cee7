// Whose priors an optimizer has, by the name that a file or a user gives it. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "etalon/optimizers.hpp"

namespace etalon {

// "SGD", "torch.optim.AdamW", "sgd_momentum", "nesterov", "adaptive"; none for a name that is not
// known.
std::optional<UpdateKind> update_kind_of(std::string_view optimizer);

}  // namespace etalon
