// `etalon fit` as a user runs it, on runs of a known formula.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

// An asymmetric bowl whose optimum rises with the root of the batch size; diverges far above it.
inline std::string loss_at(double batch_size, double lr, RandomStream& stream) {
  const double z = 0.6 * std::log(lr / (1e-3 * std::sqrt(batch_size / 64)));
  if (z > 2.0) return "nan";
  return std::to_string(2 + 0.1 * (std::expm1(z) - z) + 0.0005 * stream.normal());
}

class FitCommand : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() / name) << text;
    return path(name);
  }
  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  std::string line(double batch_size, double lr) {
    return number(batch_size) + "," + number(lr) + "," + loss_at(batch_size, lr, stream_) + "\n";
  }

  // Half-octave sweeps.
  std::string sweeps(const std::vector<double>& batch_sizes) {
    std::string text = "batch_size,lr,loss\n";
    for (const double batch_size : batch_sizes) {
      for (int step = -8; step <= 10; ++step)
        text += line(batch_size, 1e-3 * std::exp2(0.5 * step));
    }
    return text;
  }

  ProgramResult fit(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"fit"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_program(ETALON_BINARY, all);
  }

  nlohmann::json fit_json(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--format", "json"});
    const auto result = fit(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out).at("groups").at(0);
  }

  void expect_refused(const std::string& text, const std::vector<std::string>& arguments,
                      const std::vector<std::string>& said) {
    std::vector<std::string> all = {write("bad.csv", text)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = fit(all);
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_EQ(result.out, "");
    for (const std::string& part : said) EXPECT_THAT(result.err, ::testing::HasSubstr(part));
  }

  static std::string number(double value) {
    std::ostringstream text;
    text.precision(10);
    text << value;
    return text.str();
  }

  // The same text whatever its lines' ends.
  static std::string unwrapped(const std::string& text) {
    std::istringstream words(text);
    std::string joined, word;
    while (words >> word) joined += (joined.empty() ? "" : " ") + word;
    return joined;
  }

  TemporaryDirectory directory_;
  RandomStream stream_{5, "fit_test"};
};

}  // namespace etalon::testing
