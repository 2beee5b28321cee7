// What an earlier process of a study left running, should it and its supervisors have been killed
// at once. For one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "program/attempt.hpp"

namespace etalon {

class Leftovers {
 public:
  // Of the attempts of `study` below `directory`, absolute; of no study where that has no name.
  Leftovers(std::filesystem::path directory, std::string study)
      : directory_(std::move(directory)), study_(std::move(study)), are_gone_(study_.empty()) {}

  // Whether nothing is left, as it then remains. What has a supervisor is that one's to end, as
  // long as it may take; all else is killed.
  bool are_gone();

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<Launch> our_launch(const std::filesystem::path& attempt) const;

  const std::filesystem::path directory_;
  const std::string study_;
  bool are_gone_;
  const Clock::time_point since_ = Clock::now();
};

}  // namespace etalon
