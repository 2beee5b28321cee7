// Damaged logs by the thousand: each is read or refused with an InputError, whatever its bytes.
#include <gtest/gtest.h>

#include "core/random.hpp"
#include "imports/log_readers_named.hpp"
#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

struct Sample {
  std::string reader, file, text;
};

std::vector<Sample> samples() {
  return {
      {"trainer-state", "out/checkpoint-2/trainer_state.json",
       R"({"global_step": 2, "max_steps": 4, "train_batch_size": 8, "trial_params": {"lr": 0.1},
           "log_history": [{"epoch": 0.5, "loss": NaN, "step": 1},
                           {"eval_loss": "1.5", "grad_norm": -Infinity, "step": 2}]})"},
      {"ray", "ray/result.json",
       "{\"loss\": NaN, \"info\": {\"kl\": [1, {\"a\": 2}]}, \"done\": false, "
       "\"training_iteration\": 1, \"config\": {\"lr\": 0.1, \"opt\": {\"name\": \"adam\"}}}\n"
       "{\"loss\": 1.5, \"done\": true, \"training_iteration\": 2, \"config\": {\"lr\": 0.1}}\n"},
      {"keras-tuner", "trial_0/trial.json",
       R"({"hyperparameters": {"space": [], "values": {"lr": 0.01}}, "metrics": {"metrics":
           {"loss": {"direction": "min", "observations": [{"value": [0.5], "step": 4}]}}},
           "score": 0.5, "status": "COMPLETED"})"},
      {"hydra", "hydra/.hydra/config.yaml",
       "optimizer: &o\n  lr: 0.1\n  name: 'sgd'\nwarmup: ${optimizer.lr}\nother: *o\n"},
      {"hydra", "overrides/.hydra/overrides.yaml", "- a.b=1\n- +c='x y'\n- ~d\n- \"e=[1,2]\"\n"},
      {"guild", "guild/.guild/attrs/flags", "batch-size: 64\nlr: 0.1\nnesterov: yes\n"},
      {"guild", "guild/.guild/attrs/exit_status", "-15\n"},
      {"hparams-yaml", "hparams/hparams.yaml",
       "args: !!python/object:argparse.Namespace\n  lr: 0.0003\nx: !!python/object/new:a.B\n"
       "  dictitems: {lr: 1}\n  state: {lr: 1}\nbetas: !!python/tuple\n- 0.9\n- 0.95\n"
       "base: &b {s: 1}\nt:\n  <<: *b\nlong: |\n  text\n? k\n: v\n"},
      {"hparams-yaml", "params/params.json",
       R"({"lr": 0.01, "clip": Infinity, "opt": {"name": "\u00e4dam"}, "hidden": [64, 64]})"},
      {"csv-log", "csv/metrics.csv",
       "epoch,step,\"train, loss\",config/lr\n0,10,1.5,0.1\n0,20,,0.1\n1,10,nan,\"0.1\"\n"},
      {"json-lines-log", "lines/metrics.jsonl",
       "{\"step\": 1, \"loss\": NaN, \"eval\": {\"loss\": 2}}\n{'step': 2, 'loss': (1, 2)}\n"},
  };
}

// One to four changes: a bit flipped, a byte set, some dropped, the end cut off, a part repeated.
std::string damaged(std::string text, RandomStream& random) {
  for (std::uint32_t change = 1 + random.below(4); change > 0 && !text.empty(); --change) {
    const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
    const std::size_t length = 1 + random.below(12);
    switch (random.below(6)) {
      case 0:
        text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
        break;
      case 1:
        text[at] = static_cast<char>(random.next_uint32());
        break;
      case 2:
        text[at] = "{}[]:,\"'\n-&*!|>?#%@ \t"[random.below(21)];
        break;
      case 3:
        text.erase(at, length);
        break;
      case 4:
        if (random.below(4) == 0) text.resize(at);
        break;
      default:
        const std::string part = text.substr(at, length);
        for (std::uint32_t times = random.below(30); times > 0; --times) text.insert(at, part);
    }
  }
  return text;
}

TEST(TextLogsFuzz, DamagedLogsAreReadOrRefused) {
  constexpr int kRounds = 400;
  const testing::SampleLogs files;
  RandomStream random(31, "damaged logs");
  std::map<std::string, int> accepted, refused;
  for (int round = 0; round < kRounds; ++round) {
    for (const auto& [name, file, text] : samples()) {
      const auto path = files.write(file, round == 0 ? text : damaged(text, random));
      const LogReader& reader = testing::reader_named(name);
      static_cast<void>(reader.recognizes(path));
      try {
        reader.read(path, [](const LoggedRun&) {});
        ++accepted[file];
      } catch (const InputError& error) {
        ASSERT_NE(std::string(error.what()).find(path.filename()), std::string::npos);
        ++refused[file];
      }
    }
  }
  for (const Sample& sample : samples()) {
    EXPECT_GT(accepted[sample.file], 10) << sample.file;
    EXPECT_GT(refused[sample.file], 10) << sample.file;
  }
}

TEST(TextLogsFuzz, WholeSamplesAreRecognizedAndRead) {
  const testing::SampleLogs files;
  for (const auto& [name, file, text] : samples()) {
    const auto path = files.write(file, text);
    EXPECT_EQ(testing::reader_of(path), name);
    const testing::LogContent log = testing::read_log(path);
    EXPECT_EQ(log.error, "") << file;
    EXPECT_EQ(log.runs.size(), 1u) << file;
  }
}

// Brackets by the hundred thousand may not exhaust the stack.
TEST(TextLogsFuzz, DeepNestingIsReadOrRefused) {
  const testing::SampleLogs files;
  for (const auto& [name, file, text] : samples()) {
    for (const std::string opening : {"[", "{", "{\"a\":", "[{\"step\":", "- ", "? ", "a: {b: "}) {
      std::string deep = text;
      for (int i = 0; i < 50'000; ++i) deep += opening;
      const auto path = files.write(file, deep);
      try {
        testing::reader_named(name).read(path, [](const LoggedRun&) {});
      } catch (const InputError&) {
      }
    }
  }
}

}  // namespace
}  // namespace etalon
