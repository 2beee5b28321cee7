#include "program/leftovers.hpp"

#include <csignal>
#include <system_error>
#include <utility>
#include <vector>

#include "etalon/error.hpp"
#include "program/process_tree.hpp"

namespace etalon {
namespace {

// What a supervisor may be late by that has stopped and killed its program.
constexpr std::chrono::seconds kLate(2);

void kill_all(const std::vector<pid_t>& processes) {
  for (const pid_t process : processes) kill(process, SIGKILL);
}

}  // namespace

bool Leftovers::are_gone() {
  if (are_gone_) return true;
  bool any = false;
  for (const auto& [attempt, processes] : processes_by_attempt()) {
    const auto launch = our_launch(attempt);
    if (!launch) continue;
    any = true;
    const std::vector<pid_t> supervisors = supervisors_of(attempt);
    if (!supervisors.empty() && Clock::now() - since_ < launch->grace + kLate) continue;
    kill_all(supervisors);
    kill_all(processes);
  }
  are_gone_ = !any;
  return are_gone_;
}

// A directory of the same name may have been another study's before.
std::optional<Launch> Leftovers::our_launch(const std::filesystem::path& attempt) const {
  std::error_code ignored;
  const auto parent = attempt.parent_path().parent_path();
  if (!std::filesystem::equivalent(parent, directory_, ignored)) return std::nullopt;
  try {
    Launch launch = read_launch(AttemptFiles(attempt));
    return launch.study == study_ ? std::optional(std::move(launch)) : std::nullopt;
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace etalon
