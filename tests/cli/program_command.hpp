// `etalon study -- COMMAND` and `etalon check -- COMMAND` as a user calls them, in a directory of
// the test's own.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/study_command.hpp"
#include "etalon/store.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

inline const std::string kPrograms = ETALON_SOURCE_DIR "/tests/cli/programs/";

class ProgramCommand : public ::testing::Test {
 protected:
  std::string out() const { return (directory_.path() / "study").string(); }
  Arguments study(const Arguments& flags, const Arguments& command) const {
    return Arguments{"study", "--out", out()} + flags + Arguments{"--"} + command;
  }
  ProgramResult run(const Arguments& flags, const Arguments& command) const {
    return run_program(ETALON_BINARY, study(flags, command));
  }
  // A shell script; {batch_size} is $1, {lr} $2, {seed} $3. Braces must be doubled.
  static Arguments script(const std::string& text) {
    return {"sh", "-c", text, "script", "{batch_size}", "{lr}", "{seed}"};
  }
  static Arguments known_answer() {
    return {kPrograms + "known_answer.sh", "{batch_size}", "{lr}", "{seed}"};
  }
  nlohmann::json summary() const {
    return nlohmann::json::parse(read_text(std::filesystem::path(out()) / "summary.json"));
  }
  StudyFile stored() const { return read_study_file(std::filesystem::path(out()) / "study.db"); }

  TemporaryDirectory directory_;
};

}  // namespace etalon::testing
