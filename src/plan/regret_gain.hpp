// At which batch size the next run takes away most of what is expected to be lost there. Pure
// functions; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace etalon {

struct RegretAt {
  double expected = 0.0;     // loss that is expected to be lost, >= 0
  std::int64_t runs = 0;     // known and under way, and what is not to be run again
  std::int64_t waiting = 0;  // of them, under way
};

// Whether one of several has had far more runs than another: the fit may be sure too early, or stay
// unsure whatever it is given.
bool is_ahead(std::span<const RegretAt> all, std::size_t which);

// The one of greatest gain of those that are not ahead, the first of equals: what a run takes away
// is a share of the regret, and each that is under way is expected to have taken it already.
// `all` has one or more.
std::size_t most_regretted(std::span<const RegretAt> all);

}  // namespace etalon
