// Damaged logs by the thousand: each is read as runs that make sense, or refused with a sentence.
// Where a form has checksums, they fit in half of the files, so that the inside is reached.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iterator>

#include "core/crc32c.hpp"
#include "core/random.hpp"
#include "etalon/error.hpp"
#include "imports/log_readers_named.hpp"
#include "imports/log_text.hpp"
#include "imports/optuna_schemas.hpp"
#include "imports/read_log.hpp"
#include "imports/wandb_writer.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::OptunaSchema;
using etalon::testing::ProtobufWriter;
using etalon::testing::reader_named;
using etalon::testing::WandbWriter;
using etalon::testing::write_text;

std::size_t place_in(const std::string& text, RandomStream& random) {
  return random.below(static_cast<std::uint32_t>(text.size()));
}

void change(std::string& text, RandomStream& random) {
  static constexpr char kBytes[] = "\0\x01\x7F\x80\xFF{}[]\":,-. \n09eN";
  const std::string telling(kBytes, std::size(kBytes) - 1);
  const std::size_t at = place_in(text, random);
  switch (random.below(6)) {
    case 0:
      text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:
      text[at] = telling[place_in(telling, random)];
      break;
    case 2:
      text.insert(at, 1, static_cast<char>(random.next_uint32()));
      break;
    case 3:
      text.erase(at, 1 + random.below(16));
      break;
    case 4:
      text.insert(at, text.substr(place_in(text, random), 64));
      break;
    default:
      text.replace(at, 8, text.substr(place_in(text, random), 8));
  }
}

std::string mutated(std::string text, RandomStream& random) {
  for (std::uint32_t changes = 1 + random.below(3); changes > 0 && !text.empty(); --changes) {
    change(text, random);
  }
  if (random.below(8) == 0 && !text.empty()) text.resize(place_in(text, random));
  return text;
}

std::string with_one_mutated(std::vector<std::string> parts, RandomStream& random,
                             std::string (*join)(const std::vector<std::string>& parts)) {
  if (random.below(2) == 0) return mutated(join(parts), random);
  std::string& part = parts[random.below(static_cast<std::uint32_t>(parts.size()))];
  part = mutated(part, random);
  return join(parts);
}

// Some file systems wait for the disk where a file is written over.
void write_anew(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::remove(file);
  write_text(file, text);
}

void expect_sense(const LoggedRun& run) {
  EXPECT_FALSE(run.directory.empty());
  EXPECT_LE(run.settings.size(), LoggedRun::kMostSettings);
  for (const auto& [name, curve] : run.curves) {
    EXPECT_FALSE(curve.empty());
    for (const auto& point : curve) EXPECT_TRUE(std::isfinite(point.step)) << name;
  }
}

class LogsFuzz : public ::testing::Test {
 protected:
  // Whether the file is read; a refusal must name it, and any other exception escapes.
  static bool reads(const LogReader& reader, const std::filesystem::path& file) {
    reader.recognizes(file);
    try {
      reader.read(file, expect_sense);
      return true;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(file.parent_path().string()));
      return false;
    }
  }

  void expect_survival(const std::string& form, const std::filesystem::path& name,
                       const std::function<std::string(RandomStream& random)>& next, int tries) {
    const LogReader& reader = reader_named(form);
    const std::filesystem::path file = directory_.path() / name;
    RandomStream random(20261125, form);
    int read = 0;
    for (int i = 0; i < tries; ++i) {
      write_anew(file, next(random));
      read += reads(reader, file);
    }
    EXPECT_GT(read, tries / 50) << "the damage is so great that nothing is tested";
  }

  etalon::testing::TemporaryDirectory directory_;
};

// Of small pages, so that more of the file means something.
std::string database_with(const std::filesystem::path& file, const std::string& sql) {
  {
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA page_size = 512; PRAGMA synchronous = OFF");
    database.exec(sql);
  }
  return read_log_text(file);
}

TEST_F(LogsFuzz, OptunaDatabases) {
  std::vector<std::string> samples;
  for (const OptunaSchema& schema :
       {OptunaSchema{"v3.2.0.a"}, etalon::testing::kOptunaSchemas[2]}) {
    samples.push_back(database_with(
        directory_.path() / schema.version,
        etalon::testing::optuna_tables(schema) +
            (schema.has_objectives
                 ? "INSERT INTO studies VALUES (1, 'a');"
                   "INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0);"
                   "INSERT INTO trials (trial_id, study_id, state, number) VALUES "
                   "(1, 1, 'COMPLETE', 0), (2, 1, 'PRUNED', 1);"
                   "INSERT INTO trial_values VALUES (1, 1, 0, 0.5, 'FINITE');"
                   "INSERT INTO trial_intermediate_values VALUES (1, 1, 1, 0.5, 'FINITE');"
                 : "INSERT INTO studies VALUES (1, 'a', 'MINIMIZE');"
                   "INSERT INTO trials (trial_id, study_id, state, value, number) VALUES "
                   "(1, 1, 'COMPLETE', 0.5, 0);"
                   "INSERT INTO trial_values VALUES (1, 1, 1, 0.5);") +
            "INSERT INTO trial_params VALUES (1, 1, 'batch_size', 1.0, '{\"name\": "
            "\"CategoricalDistribution\", \"attributes\": {\"choices\": [16, 32]}}');"
            "INSERT INTO trial_user_attributes VALUES (1, 1, 'seed', '3');"));
  }
  expect_survival(
      "optuna", "optuna.db",
      [&](RandomStream& random) { return mutated(samples[random.below(2)], random); }, 800);
}

TEST_F(LogsFuzz, MlflowDatabases) {
  const std::string sample = database_with(
      directory_.path() / "sample.db",
      "CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, "
      "lifecycle_stage TEXT);"
      "CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name TEXT, status TEXT, "
      "lifecycle_stage TEXT, experiment_id INTEGER);"
      "CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid VARCHAR(32), "
      "step BIGINT, is_nan BOOLEAN);"
      "CREATE TABLE params (key TEXT, value TEXT, run_uuid VARCHAR(32));"
      "CREATE TABLE tags (key TEXT, value TEXT, run_uuid VARCHAR(32));"
      "INSERT INTO experiments VALUES (0, 'Default', 'active');"
      "INSERT INTO runs VALUES ('ff01', 'a', 'FINISHED', 'active', 0), "
      "('aa02', 'b', 'FAILED', 'active', 0);"
      "INSERT INTO metrics VALUES ('loss', 0.5, 1, 'ff01', 1, 0), ('loss', 0, 2, 'ff01', 2, 1);"
      "INSERT INTO params VALUES ('lr', '0.1', 'ff01'), ('lr', '0.2', 'aa02');"
      "INSERT INTO tags VALUES ('mlflow.runName', 'c', 'aa02');");
  expect_survival(
      "mlflow-db", "mlflow.db", [&](RandomStream& random) { return mutated(sample, random); },
      1'000);
}

TEST_F(LogsFuzz, MlflowFiles) {
  const std::vector<std::pair<std::string, std::string>> samples = {
      {"metrics/loss", "1700000000001 2.5 1\n1700000000002 nan 2\n1700000000003 1e-3 3\n"},
      {"params/lr", "0.001"},
      {"tags/mlflow.runName", "calm-owl-7"},
      {"../meta.yaml", "experiment_id: '1'\nlifecycle_stage: active\nname: cifar\n"}};
  for (const auto& [name, text] : samples) write_text(directory_.path() / "1/8c" / name, text);
  expect_survival(
      "mlflow-files", "1/8c/meta.yaml",
      [&](RandomStream& random) {
        const auto& [name, text] = samples[random.below(4)];
        write_anew(directory_.path() / "1/8c" / name, mutated(text, random));
        const std::string meta =
            "lifecycle_stage: active\nrun_id: 8c\nrun_name: &a calm\nstatus: 3\ntags: [*a, {b: "
            "c}]\n";
        return random.below(2) == 0 ? meta : mutated(meta, random);
      },
      1'000);
}

std::string joined_wandb(const std::vector<std::string>& records) {
  WandbWriter writer;
  for (const std::string& record : records) writer.record(ProtobufWriter(record));
  return writer.text();
}

std::string wandb_record(std::uint64_t field, const ProtobufWriter& message) {
  return ProtobufWriter().message(field, message).text();
}

TEST_F(LogsFuzz, WandbLogs) {
  const auto items = WandbWriter::items_of;
  const std::vector<std::string> records = {
      wandb_record(17, ProtobufWriter().bytes(3, "mnist").message(4, items({{"lr", "0.1"}}))),
      wandb_record(5, items({{"net>depth", "4"}, {"optimizer", "{\"name\": \"adam\"}"}})),
      wandb_record(12, ProtobufWriter().bytes(1, "loss").number(8, 1)),
      wandb_record(2, items({{"loss", "2.5"}, {"_step", "1"}, {"val>acc", "NaN"}})),
      wandb_record(2, items({{"loss", "[[1]]"}, {"a", "{\"b\": {\"c\": 1}}"}})
                          .message(2, ProtobufWriter().number(1, 7))),
      wandb_record(3, items({{"best", "{\"loss\": 0.25}"}, {"_step", "7"}})),
      wandb_record(13, ProtobufWriter().bytes(3, std::string(40'000, 'x'))),
      wandb_record(18, ProtobufWriter().number(1, 1))};
  expect_survival(
      "wandb", "run-x/run-x.wandb",
      [&](RandomStream& random) { return with_one_mutated(records, random, joined_wandb); }, 2'000);
}

TEST_F(LogsFuzz, WandbText) {
  const std::string config =
      "wandb_version: 1\nlr:\n  desc: null\n  value: 0.1\nnet:\n  value: {a: &x [1], b: *x}\n";
  const std::string summary =
      "{\"loss\": 0.5, \"acc\": NaN, \"_step\": 99, \"best\": {\"loss\": [1, {\"a\": 2}]}}";
  write_text(directory_.path() / "files/wandb-metadata.json", "{}");
  expect_survival(
      "wandb", "files/config.yaml", [&](RandomStream& random) { return mutated(config, random); },
      1'000);
  expect_survival(
      "wandb", "files/wandb-summary.json",
      [&](RandomStream& random) { return mutated(summary, random); }, 1'000);
}

TEST_F(LogsFuzz, WandbCharts) {
  const std::string chart =
      "\"Step\",\"a - b - loss\",\"a - b - loss__MIN\",\"c - loss\"\n\"0\",\"2.5\",\"2\",\"\"\n"
      "\"100\",\"NaN\",\"NaN\",\"1.5\"\n\"200\",\"Infinity\",\"1\",\"1e400\"\n";
  expect_survival(
      "wandb-chart", "chart.csv", [&](RandomStream& random) { return mutated(chart, random); },
      2'000);
}

std::string little_endian(std::uint64_t value, int size) {
  std::string bytes;
  for (; size > 0; --size, value >>= 8) bytes += static_cast<char>(value & 0xFF);
  return bytes;
}

std::string joined_events(const std::vector<std::string>& events) {
  std::string bytes;
  for (const std::string& event : events) {
    const std::string length = little_endian(event.size(), 8);
    bytes += length + little_endian(masked_crc32c(length), 4) + event +
             little_endian(masked_crc32c(event), 4);
  }
  return bytes;
}

std::string event_with(std::uint64_t step, const ProtobufWriter& value) {
  return ProtobufWriter()
      .fixed64(1, 1.7e9)
      .number(2, step)
      .message(5, ProtobufWriter().message(1, value))
      .text();
}

// A value of plugin "hparams": its tag, and the field of HParamsPluginData.
ProtobufWriter hparams_value(const std::string& tag, std::uint64_t field,
                             const ProtobufWriter& message) {
  const auto data = ProtobufWriter().message(field, message);
  const auto plugin = ProtobufWriter().bytes(1, "hparams").message(2, data);
  return ProtobufWriter().bytes(1, tag).message(9, ProtobufWriter().message(1, plugin));
}

TEST_F(LogsFuzz, EventLogs) {
  const auto lr = ProtobufWriter().bytes(1, "lr").message(2, ProtobufWriter().fixed64(2, 0.1));
  const auto arguments =
      ProtobufWriter().bytes(8, "{\"learning_rate\": 5e-05, \"a\": {\"b\": [1, {}]}}");
  const std::vector<std::string> events = {
      ProtobufWriter().fixed64(1, 1.7e9).bytes(3, "brain.Event:2").text(),
      event_with(0,
                 hparams_value("_hparams_/session_start_info", 3, ProtobufWriter().message(1, lr))),
      event_with(0, ProtobufWriter().bytes(1, "args/text_summary").message(8, arguments)),
      event_with(1, ProtobufWriter().bytes(1, "loss").fixed32(2, 2.5F)),
      event_with(2, ProtobufWriter().bytes(1, "loss").fixed32(2, 1.5F)),
      event_with(2, hparams_value("_hparams_/session_end_info", 4, ProtobufWriter().number(1, 1)))};
  expect_survival(
      "tensorboard", "events.out.tfevents.1700000000.host",
      [&](RandomStream& random) { return with_one_mutated(events, random, joined_events); }, 2'000);
}

}  // namespace
}  // namespace etalon
