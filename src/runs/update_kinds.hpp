// Whose priors an optimizer has, by the name that a file or a user gives it. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "etalon/advice.hpp"
#include "etalon/optimizers.hpp"
#include "runs/run_groups.hpp"

namespace etalon {

// "SGD", "torch.optim.AdamW", "sgd_momentum", "nesterov", "adaptive"; none for a name that is not
// known.
std::optional<UpdateKind> update_kind_of(std::string_view optimizer);

// Whose rows of the atlas speak for it: the optimizer of ours whose name it has, or else one of its
// kind; adamw for a name that is not known.
OptimizerFamily optimizer_family_of(std::string_view optimizer);

// What an optimizer's first steps are, where they are longer than its later ones: RMSprop's, if the
// examples that every run saw are known.
std::optional<UncorrectedStart> start_of(std::string_view optimizer, const RunGroup& group);

}  // namespace etalon
