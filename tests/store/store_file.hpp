// A study file in a directory of the test's own, and what opening or reading it says.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

class StoreFile : public ::testing::Test {
 protected:
  std::string refusal(StoreMode mode, const Fingerprint& fingerprint) const {
    return refusal_of([&] { SqliteStore(path_, mode, fingerprint).load(); });
  }
  std::string reader_refusal() const {
    return refusal_of([&] { read_study_file(path_); });
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "study.db";

 private:
  template <typename Work>
  static std::string refusal_of(const Work& work) {
    try {
      work();
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
};

}  // namespace etalon::testing
