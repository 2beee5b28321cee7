// What a reader makes of a file.
#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "imports/log_reader.hpp"

namespace etalon::testing {

using ReadLog = void (*)(const std::filesystem::path& file, const HearRun& hear);

inline std::vector<LoggedRun> runs_in(const std::filesystem::path& file, ReadLog read) {
  std::vector<LoggedRun> runs;
  read(file, [&](LoggedRun run) { runs.push_back(std::move(run)); });
  return runs;
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInf = std::numeric_limits<double>::infinity();

// A point of a curve; NaN is NaN.
MATCHER_P2(PointIs, step, value, "") {
  return arg.step == step && ::testing::Value(arg.value, ::testing::NanSensitiveDoubleEq(value));
}

}  // namespace etalon::testing
