// A learning-rate schedule as lines of Python for PyTorch.
//
// One function gives the share of the peak that each update takes, for `LambdaLR`, which multiplies
// the rate of every group of parameters by it. PyTorch's own schedulers are not used: past their
// end some climb again or stop with an error, they count whole steps alone, and a warm-up before
// them changes what they do.
#pragma once

#include <string>

#include "etalon/schedule.hpp"

namespace etalon {

// Where the optimizer keeps what a schedule of momentum moves.
enum class MomentumPlace { none, momentum, betas };

// `schedule` counts steps and comes from ScheduleOptions; nothing for one that is constant. The
// lines use `optimizer`, `torch` and, where they name it, `math`.
std::string pytorch_schedule(const Schedule& schedule, MomentumPlace place);

}  // namespace etalon
