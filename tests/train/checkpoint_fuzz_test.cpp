// Checkpoints that were altered and given the right checksum: each is refused with an InputError,
// or trains on to its end.
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "core/crc32c.hpp"
#include "core/random.hpp"
#include "etalon/error.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kMutations = 1500;
constexpr std::size_t kLengthAt = 12;
constexpr std::size_t kHeaderAt = 16;

std::string header_of(const std::string& checkpoint) {
  std::uint32_t length = 0;
  std::memcpy(&length, checkpoint.data() + kLengthAt, sizeof(length));
  return checkpoint.substr(kHeaderAt, length);
}

// The checkpoint with another header, its length and checksum right.
std::string with_header(const std::string& checkpoint, const std::string& header) {
  const std::size_t end = kHeaderAt + header_of(checkpoint).size();
  std::string bytes = checkpoint.substr(0, kLengthAt);
  const auto length = static_cast<std::uint32_t>(header.size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof(length));
  bytes += header;
  bytes += checkpoint.substr(end, checkpoint.size() - end - sizeof(std::uint32_t));
  const std::uint32_t checksum = crc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof(checksum));
  return bytes;
}

void collect(Json& value, std::vector<Json*>& all) {
  all.push_back(&value);
  if (!value.is_structured()) return;
  for (Json& child : value) collect(child, all);
}

const std::vector<Json>& strange_values() {
  static const std::vector<Json> values = {-1e308,
                                           1e308,
                                           1e19,
                                           -1,
                                           0,
                                           1,
                                           2,
                                           33,
                                           0.5,
                                           1e-320,
                                           std::int64_t{1} << 53,
                                           INT64_MAX,
                                           INT64_MIN,
                                           UINT64_MAX,
                                           nullptr,
                                           true,
                                           "",
                                           "budget",
                                           "patience",
                                           Json::array(),
                                           Json::object(),
                                           Json::array({1, 2, 3}),
                                           Json::array({1e308, -1e308, 1e9})};
  return values;
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : stream_(seed, "mutations") {}

  std::string mutated(const std::string& header) {
    if (pick(4) == 0) return with_altered_bytes(header);
    Json json = Json::parse(header);
    for (std::size_t i = 0, times = 1 + pick(2); i < times; ++i) alter(json);
    return json.dump();
  }

 private:
  std::size_t pick(std::size_t count) { return stream_.below(static_cast<std::uint32_t>(count)); }

  std::string with_altered_bytes(std::string header) {
    const std::string_view digits = "0123456789eE.-+,[]{}\"n";
    for (std::size_t i = 0, times = 1 + pick(3); i < times; ++i) {
      header[pick(header.size())] = digits[pick(digits.size())];
    }
    return header;
  }

  void alter(Json& json) {
    std::vector<Json*> all;
    collect(json, all);
    Json& value = *all[1 + pick(all.size() - 1)];
    switch (pick(4)) {
      case 0:
        if (value.is_structured() && !value.empty()) value.erase(value.begin());
        break;
      case 1:
        if (value.is_number_integer()) value = value.get<std::int64_t>() + (pick(2) == 0 ? 1 : -1);
        break;
      default:
        value = strange_values()[pick(strange_values().size())];
    }
  }

  RandomStream stream_;
};

RunOptions constant_batch() {
  RunOptions options;
  options.training.model = "linear";
  options.training.validation_size = 100;
  options.training.budget_examples = 1000;
  options.training.optimizer.name = "adamw";
  options.training.clipping.norm = 1.0;
  options.training.ema = 0.9;
  options.training.schedule.name = "plateau";
  options.lr = 1e-3;
  options.evaluations = 5;
  options.patience = 4;
  return options;
}

RunOptions noise_ramp() {
  RunOptions options = constant_batch();
  options.batch_schedule.name = "noise";
  options.batch_schedule.end = 128;
  options.evaluations = 3;
  return options;
}

class CheckpointFuzz : public ::testing::TestWithParam<RunOptions (*)()> {};

TEST_P(CheckpointFuzz, RefusesOrTrainsOnToTheEnd) {
  const RunOptions options = GetParam()();
  const TrainingData data = load_training_data(options.training);
  TrainingRun original(data, options);
  for (int step = 0; step < 15; ++step) original.step();
  const std::string checkpoint = original.checkpoint();
  ASSERT_FALSE(original.curve().empty());
  Mutator mutator(9);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    const std::string header = mutator.mutated(header_of(checkpoint));
    TrainingRun run(data, options);
    try {
      run.restore(with_header(checkpoint, header), "fuzzed.ckpt");
    } catch (const InputError&) {
      ++refused;
      continue;
    }
    while (run.state() == TrialState::pending) run.step();
    ASSERT_LE(run.examples(), 1000) << header;
    ASSERT_TRUE(run.stop_reason()) << header;
  }
  EXPECT_GT(refused, kMutations / 2);
}

INSTANTIATE_TEST_SUITE_P(Trainings, CheckpointFuzz,
                         ::testing::Values(&constant_batch, &noise_ramp));

// What made a resumed training crash or never end, field by field.
TEST(CheckpointFuzz, RefusesNumbersThatContradictTheTraining) {
  const RunOptions options = noise_ramp();
  const TrainingData data = load_training_data(options.training);
  TrainingRun original(data, options);
  for (int step = 0; step < 15; ++step) original.step();
  const std::string checkpoint = original.checkpoint();
  for (const char* field : {"steps", "examples", "batch_size", "clipping_clipped", "points"}) {
    for (const Json& value : {Json(-1e308), Json(1e308), Json(-1), Json(INT64_MAX), Json(1e19)}) {
      Json header = Json::parse(header_of(checkpoint));
      header[field] = value;
      TrainingRun run(data, options);
      EXPECT_THROW(run.restore(with_header(checkpoint, header.dump()), "x"), InputError)
          << field << " " << value;
    }
  }
}

// A point of the curve is held to what the training can have come by.
TEST(CheckpointFuzz, RefusesPointsThatContradictTheTraining) {
  const RunOptions options = constant_batch();
  const TrainingData data = load_training_data(options.training);
  TrainingRun original(data, options);
  for (int step = 0; step < 15; ++step) original.step();
  const std::string checkpoint = original.checkpoint();
  enum Field { step = 0, examples = 1, batch_size = 2, lr = 3, validation_loss = 5 };
  const std::pair<Field, Json> wrong[] = {{step, 2},   {examples, 33}, {batch_size, 1},
                                          {lr, 1e300}, {lr, -1},       {validation_loss, -1}};
  for (const auto& [field, value] : wrong) {
    Json header = Json::parse(header_of(checkpoint));
    ASSERT_FALSE(header["curve"].empty());
    header["curve"][0][field] = value;
    TrainingRun run(data, options);
    EXPECT_THROW(run.restore(with_header(checkpoint, header.dump()), "x"), InputError)
        << field << " " << value;
  }
}

}  // namespace
}  // namespace etalon
