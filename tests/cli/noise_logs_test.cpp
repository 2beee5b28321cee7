// `etalon noise LOG` on what tools log: event files, directories of runs, and nanoGNS's columns of
// every parameter.
#include <filesystem>

#include "cli/docs_samples.hpp"
#include "cli/noise_command.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class NoiseOfToolLogs : public testing::NoiseCommand {
 protected:
  // The table as an event file in a directory of its own below runs/.
  std::string log_events(const std::string& table, const std::string& run) const {
    const std::string file = write("table.csv", table);
    const std::string script = testing::kSource / "tests/cli/programs/csv_events.py";
    const std::filesystem::path directory = directory_.path() / "runs" / run;
    const auto result = testing::run_program("/usr/bin/python3", {script, file, directory});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return directory;
  }
  std::string runs() const { return (directory_.path() / "runs").string(); }

  static void expect_same(const Json& answer, const Json& other) {
    for (const char* key : {"noise_scale", "noise_scale_low", "noise_scale_high"}) {
      const double value = other.at(key);
      EXPECT_NEAR(answer.at(key).get<double>(), value, 1e-4 * value) << key;
    }
    EXPECT_EQ(answer.at("measurements"), other.at("measurements"));
  }

  // Steps from `first` on, of two seeds at each of three batch sizes; 20 times the norm after the
  // first step.
  void log_runs(int first) {
    for (const int batch_size : {16, 64, 256}) {
      for (const int seed : {1, 2, 3, 4}) {
        const testing::Gradient g = gradients_.draw(batch_size);
        const double norm = std::sqrt(testing::dot(g, g));
        log_events(fmt::format("step,train/grad_norm,train/loss\n{},{},2\n{},{},1\n", first, norm,
                               first + 1, 20 * norm),
                   fmt::format("s{}_b{:04}", seed, batch_size));
      }
    }
  }

  // As nanoGNS logs them: of B = 16 examples, in two parameters of other noise scales.
  std::string parameters(int count, const std::string& more_names = "",
                         const std::string& more = "") {
    testing::GaussianGradients noisy(40.0, "noisy parameter"), calm(10.0, "calm parameter");
    std::string text = "step,tokens_processed" + more_names;
    for (const char* name : {"h.0.ln_1.weight", "h.1.mlp.weight"}) {
      text += fmt::format(",train/gns/{0}/norm,train/gns/{0}/pegn,train/gns/{0}/batch_size", name);
    }
    text += '\n';
    for (int i = 1; i <= count; ++i) {
      text += fmt::format("{},{}{}", i, 1024 * i, more);
      for (testing::GaussianGradients* each : {&noisy, &calm}) {
        const NormPair pair = each->pair(16, 1.0);
        text += fmt::format(",{:.12g},{:.12g},16", std::sqrt(pair.big_squared_norm),
                            std::sqrt(pair.small_squared_norm));
      }
      text += '\n';
    }
    return text;
  }

  static void expect_interval(const Json& at, double truth) {
    EXPECT_LT(at.at("noise_scale_low").get<double>(), truth);
    EXPECT_GT(at.at("noise_scale_high").get<double>(), truth);
  }
};

TEST_F(NoiseOfToolLogs, IsTheSameOfAnEventFileAsOfItsTable) {
  const std::string table = pairs(200);
  const Json of_table = noise_json({write("pairs.csv", table)});
  const std::string directory = log_events(table, "run");
  expect_same(noise_json({directory}), of_table);
  expect_same(noise_json({directory + "/events.out.tfevents.1.host"}), of_table);
  EXPECT_EQ(noise_json({directory}).at("parts").at(0).at("first"), "step 1");
  const auto said = noise({directory});
  EXPECT_THAT(said.err, HasSubstr("read 1 TensorBoard event file"));
}

TEST_F(NoiseOfToolLogs, TakesTheFirstNormOfEachRunAtItsBatchSize) {
  log_runs(1);
  const Json answer = noise_json({runs()});
  EXPECT_EQ(answer.at("measurements"), 12);
  ASSERT_EQ(answer.at("line").size(), 3U);
  EXPECT_EQ(answer.at("line").at(1).at("batch_size"), 64.0);
  // Were the second steps among them, means would be 200 times as large.
  EXPECT_LT(answer.at("line").at(2).at("mean_squared_norm").get<double>(), 2.0);
  const auto said = noise({runs()});
  EXPECT_THAT(said.err, HasSubstr("took the first norm of each of 12 runs"));
}

TEST_F(NoiseOfToolLogs, RefusesRunsThatHadLearnedBeforeTheirFirstNorm) {
  log_runs(10);
  const auto result = noise({runs()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("its first gradient norm is of step 10"));
  EXPECT_THAT(result.err, HasSubstr("step 10 of s1_b0016"));
}

TEST_F(NoiseOfToolLogs, RefusesDirectoriesWithoutNorms) {
  std::filesystem::create_directory(directory_.path() / "empty");
  const auto empty = noise({(directory_.path() / "empty").string()});
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_THAT(empty.err, HasSubstr("no logs of gradient norms"));
  const auto others = noise({log_events("step,train/loss\n1,2\n2,1\n", "run")});
  EXPECT_EQ(others.exit_code, 2);
  EXPECT_THAT(others.err, HasSubstr("no run logs gradient norms"));
}

TEST_F(NoiseOfToolLogs, ShowsEachParameterOfNanoGnsAndTheirSum) {
  const std::string log = write("nano.csv", parameters(300));
  const Json answer = noise_json({log, "--layers"});
  ASSERT_EQ(answer.at("layers").size(), 2U);
  EXPECT_EQ(answer.at("layers").at(0).at("layer"), "h.0.ln_1.weight");
  expect_interval(answer.at("layers").at(0), 40.0);
  expect_interval(answer.at("layers").at(1), 10.0);
  // Both have the same tr Σ = S: 2S / (S/40 + S/10).
  expect_interval(answer, 2.0 / (1.0 / 40.0 + 1.0 / 10.0));
  EXPECT_EQ(answer.at("measurements"), 300);
  const auto shown = noise({log, "--layers"});
  EXPECT_THAT(shown.out, HasSubstr("h.1.mlp.weight "));
  EXPECT_THAT(shown.err, HasSubstr("took the sum over 2 parameters as the whole gradient"));
}

TEST_F(NoiseOfToolLogs, ShowsParametersOnRequestAlone) {
  const auto result = noise({write("nano.csv", parameters(40))});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("h.1.mlp.weight")));
  EXPECT_THAT(result.err, HasSubstr("--layers shows each of 2 parameters by itself"));
  const auto without = noise({write("pairs.csv", pairs(40)), "--layers"});
  EXPECT_EQ(without.exit_code, 2);
  EXPECT_THAT(without.err, HasSubstr("no norms of single parameters"));
}

// The norms of the whole gradient, where they are logged, and never a ratio.
TEST_F(NoiseOfToolLogs, TakesTheWholeFromDdpAndTheParametersBesides) {
  const std::string names =
      ",ddp/small_batch_norm,ddp/big_batch_norm,ddp/small_batch_size,ddp/big_batch_size,ddp/gns";
  const Json answer =
      noise_json({write("both.csv", parameters(40, names, ",3,2,8,64,1000")), "--layers"});
  // Ŝ = (9 − 4)/(1/8 − 1/64), Ĝ² = (64·4 − 8·9)/56.
  EXPECT_NEAR(answer.at("covariance_trace").get<double>(), 5.0 / (7.0 / 64.0), 1e-9);
  EXPECT_NEAR(answer.at("squared_gradient").get<double>(), 184.0 / 56.0, 1e-9);
  EXPECT_EQ(answer.at("layers").size(), 2U);
}

TEST_F(NoiseOfToolLogs, LeavesOutEmbeddingsThatAreTiedToTheOutput) {
  const std::string names =
      ",train/gns/wte.weight/norm,train/gns/wte.weight/pegn,train/gns/wte.weight/batch_size";
  const std::string log = write("tied.csv", parameters(40, names, ",9,9,16"));
  EXPECT_EQ(noise_json({log, "--layers"}).at("layers").size(), 2U);
  EXPECT_THAT(noise({log}).err, HasSubstr("left out 'train/gns/wte.weight', which the output"));
}

// Its whole directory, in which the settings name the micro-batch, a row is shorter than the header
// and the scale is that of its own formulas.
TEST_F(NoiseOfToolLogs, AreReadAsNanoGnsWritesThem) {
  const std::string script = testing::kSource / "tests/cli/programs/nano_gns.py";
  for (const auto& [ranks, of, sizes] :
       {std::tuple{"1", "parameters", "of 1 and 12"}, std::tuple{"2", "ranks", "of 12 and 24"}}) {
    const std::string directory = (directory_.path() / "out").string() + ranks;
    const auto witness = testing::run_program("/usr/bin/python3", {script, directory, ranks});
    ASSERT_EQ(witness.exit_code, 0) << witness.err;
    const double scale = Json::parse(witness.out).at(of);
    const Json answer = noise_json({directory, "--layers"});
    EXPECT_NEAR(answer.at("noise_scale").get<double>(), scale, 1e-9 * scale) << of;
    EXPECT_THAT(answer.at("method").get<std::string>(), HasSubstr(sizes));
    EXPECT_EQ(answer.at("measurements"), 120);
    ASSERT_EQ(answer.at("layers").size(), 2U);
    EXPECT_EQ(answer.at("layers").at(0).at("layer"), "transformer.h.0.attn.c_attn.weight");
    expect_interval(answer.at("layers").at(0), 9.0);
  }
}

TEST_F(NoiseOfToolLogs, RefusesParametersThatAreHalfLogged) {
  expect_refused("train/gns/a/pegn,train/gns/a/norm\n1,2\n1,2\n",
                 {"'train/gns/a/pegn' has no 'train/gns/a/batch_size' beside it"});
  expect_refused("a/pegn,a/norm,a/batch_size,b/pegn,b/norm,b/batch_size\n3,1,8,3,1,16\n",
                 {"parameters have batch sizes 8 and 16"});
}

}  // namespace
}  // namespace etalon
