// `etalon noise` as a user runs it, on norms of Gaussian gradients whose noise scale is known.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "noise/gaussian_gradients.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

class NoiseCommand : public ::testing::Test {
 protected:
  static constexpr double kNoiseScale = 100.0;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
    return (directory_.path() / name).string();
  }

  // Rows of a small batch, its norm, the big one, its norm, as `norm_of` makes them of squares.
  std::string pairs(int count, double (*norm_of)(double) = std::sqrt) {
    std::string text = "small_batch_size,small_norm,big_batch_size,big_norm\n";
    for (int i = 0; i < count; ++i) {
      const NormPair pair = gradients_.pair(8, 16.0);
      text += fmt::format("{},{:.10g},{},{:.10g}\n", pair.small_batch_size,
                          norm_of(pair.small_squared_norm), pair.big_batch_size,
                          norm_of(pair.big_squared_norm));
    }
    return text;
  }

  // Rows of a batch size and a norm, of `norm_of` the batch size and the squared norm.
  std::string singles(int count, const std::vector<double>& batch_sizes,
                      const std::function<double(double, double)>& norm_of) {
    std::string text = "batch_size,grad_norm\n";
    for (const double batch_size : batch_sizes) {
      for (int i = 0; i < count; ++i) {
        const Gradient g = gradients_.draw(batch_size);
        text += fmt::format("{},{:.10g}\n", batch_size, norm_of(batch_size, dot(g, g)));
      }
    }
    return text;
  }
  static double plain(double, double squared) { return std::sqrt(squared); }

  static ProgramResult noise(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "noise");
    return run_program(ETALON_BINARY, arguments);
  }

  static nlohmann::json noise_json(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--format", "json", "--quiet"});
    const auto result = noise(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return nlohmann::json::parse(result.out, nullptr, false);
  }

  void expect_refused(const std::string& text, const std::vector<std::string>& said,
                      const std::vector<std::string>& arguments = {}) const {
    std::vector<std::string> all = {write("bad.csv", text)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const auto result = noise(all);
    EXPECT_EQ(result.exit_code, 2) << text;
    EXPECT_EQ(result.out, "");
    for (const std::string& part : said) EXPECT_THAT(result.err, ::testing::HasSubstr(part));
  }

  static void expect_known(const nlohmann::json& answer) {
    EXPECT_LE(answer.at("noise_scale_low").get<double>(), kNoiseScale);
    EXPECT_GE(answer.at("noise_scale_high").get<double>(), kNoiseScale);
    EXPECT_NEAR(answer.at("noise_scale").get<double>(), kNoiseScale, 0.3 * kNoiseScale);
  }

  TemporaryDirectory directory_;
  GaussianGradients gradients_{kNoiseScale, "noise command"};
};

}  // namespace etalon::testing
