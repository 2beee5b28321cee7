// Files as tools leave them, and what the table of readers makes of them.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "etalon/error.hpp"
#include "imports/log_reader.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {

inline void PrintTo(const CoursePoint& point, std::ostream* out) {
  *out << point.step << ": " << point.value;
}
inline bool operator==(const CoursePoint& a, const CoursePoint& b) {
  return a.step == b.step && a.value == b.value;
}

}  // namespace etalon

namespace etalon::testing {

class SampleLogs {
 public:
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
    const std::filesystem::path file = path(name);
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::remove(file);  // some file systems write a file out that is made anew in place
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  std::filesystem::path path(const std::filesystem::path& name) const {
    return directory_.path() / name;
  }

 private:
  TemporaryDirectory directory_;
};

// The name of the first reader that takes the file; "" for none.
inline std::string reader_of(const std::filesystem::path& file) {
  for (const LogReader& reader : log_readers()) {
    if (reader.recognizes(file)) return std::string(reader.name);
  }
  return "";
}

struct LogContent {
  std::vector<LoggedRun> runs;
  std::string error;  // of the InputError that was thrown
};

inline LogContent read_log(const std::filesystem::path& file) {
  LogContent result;
  for (const LogReader& reader : log_readers()) {
    if (!reader.recognizes(file)) continue;
    try {
      reader.read(file, [&](LoggedRun run) { result.runs.push_back(std::move(run)); });
    } catch (const InputError& error) {
      result.error = error.what();
    }
    return result;
  }
  ADD_FAILURE() << file << " is known to no reader";
  return result;
}

// Of a file that is whole and has one run, or a part of one.
inline LoggedRun read_one(const std::filesystem::path& file) {
  LogContent log = read_log(file);
  EXPECT_EQ(log.error, "");
  EXPECT_EQ(log.runs.size(), 1u);
  return log.runs.empty() ? LoggedRun{} : std::move(log.runs.front());
}

}  // namespace etalon::testing
