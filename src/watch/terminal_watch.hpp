// A study in the terminal, drawn anew as it changes.
#pragma once

#include <cstdio>
#include <filesystem>

#include "etalon/stop_flag.hpp"
#include "watch/watched_study.hpp"

namespace etalon {

// Until `stop`, or the study is complete; once where `stream` is no terminal. Throws InputError
// where there is no study.
void watch_in_terminal(const std::filesystem::path& study, const Evaluate& evaluate,
                       std::FILE* stream, const StopFlag& stop);

}  // namespace etalon
