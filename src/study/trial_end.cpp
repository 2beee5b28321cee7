#include "study/trial_end.hpp"

#include <fmt/format.h>

#include "etalon/bounds.hpp"

namespace etalon {

TrialResult sound(TrialResult result) {
  const bool finished = result.state == TrialState::finished;
  if (finished && !result.objective) {
    result.state = TrialState::failed;
    result.message = "it finished without an objective";
  } else if (finished && !is_valid_loss(*result.objective)) {
    result.state = TrialState::diverged;
  } else if (result.state == TrialState::pending || result.state == TrialState::pruned) {
    result.message =
        fmt::format("it ended as {}, which a study cannot use", to_string(result.state));
    result.state = TrialState::failed;
  }
  if (result.state != TrialState::finished) result.objective.reset();
  return result;
}

}  // namespace etalon
