// What more seeds are worth to a verdict that is open: how probably they close it.
//
// The interval of a regret is taken for a normal's on the side of the tolerance, whose variance
// falls as one over the seeds; where its middle goes as seeds are added is as uncertain as what
// they take away. What no seed can tell, the shape of the bowl between learning rates, is not taken
// out, so that the chance is an upper one. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "etalon/regret.hpp"

namespace etalon {

// Whether the interval of a regret straddles the tolerance, so that a narrower one would decide.
bool is_open(const Regret& regret, double tolerance);

// That `more` seeds, beside the `regret.pairs` that there are, close a verdict; 0 where it is not
// open. `options.level` is that of the interval.
double chance_to_close(const Regret& regret, const RegretOptions& options, std::int64_t more);

// How many seeds in all would close an open verdict if its estimate stayed where it is; empty where
// it is not open, or where they would be more than a million.
std::optional<std::int64_t> seeds_to_close(const Regret& regret, const RegretOptions& options);

// By how much one seed's difference between the two learning rates deviates from the others', as
// the interval of an open verdict has it; empty where it is not open.
std::optional<double> noise_of_a_seed(const Regret& regret, const RegretOptions& options);

// How many seeds to add next to those a verdict has, of `most` in all: none where it is clear, or
// where all of those that are left are unlikely to close it; a second one where there is only one;
// else half of what it seems to need, but no more than two or half of what it has, after which it
// is asked anew.
std::int64_t seeds_worth_adding(const Regret& regret, const RegretOptions& options,
                                std::int64_t most);

}  // namespace etalon
