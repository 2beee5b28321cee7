// Files of metrics, whatever their writer does to them between two looks.
#include "program/metric_sources.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "support/temporary_directory.hpp"
#include "train/event_file.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;
using Rows = std::vector<std::vector<std::pair<std::string, double>>>;

void append(Rows& rows, std::span<const NamedValue> values) {
  auto& row = rows.emplace_back();
  for (const NamedValue& value : values) row.emplace_back(value.name, value.value);
}

Rows rows_of(const std::string& name, const std::string& bytes) {
  Rows rows;
  const auto reader = make_row_reader(
      name, nullptr, [&](std::span<const NamedValue> values) { append(rows, values); });
  reader->take(bytes);
  reader->finish();
  return rows;
}

// What a logger of this name may write next.
std::string some_text(const std::string& name, RandomStream& random) {
  const int step = static_cast<int>(random.below(100));
  if (is_event_file(name)) {
    return scalar_record(1.0, step, std::vector<Scalar>{{"loss", 0.25 * random.below(9)}});
  }
  const std::string value = std::to_string(0.25 * random.below(9));
  if (name.ends_with(".jsonl")) {
    return "{\"step\": " + std::to_string(step) + ", \"loss\": " + value + "}\n";
  }
  return random.below(6) == 0 ? "step,acc,loss\n" : std::to_string(step) + ",," + value + "\n";
}

class Writer {
 public:
  Writer(fs::path path, RandomStream& random) : path_(std::move(path)), random_(random) {}

  // Appends, mostly, in pieces that end anywhere; or writes anew, or puts another in its place.
  void act() {
    const std::uint32_t what = random_.below(10);
    const std::string more = some_text(path_.filename(), random_);
    const std::string piece =
        more.substr(0, 1 + random_.below(static_cast<std::uint32_t>(more.size())));
    if (what < 7) {
      bytes_ += piece;
      std::ofstream(path_, std::ios::binary | std::ios::app) << piece;
    } else if (what < 9) {
      bytes_ = what == 7 ? more : more + bytes_;
      std::ofstream(path_, std::ios::binary) << bytes_;
    } else {
      bytes_ = piece;
      const fs::path fresh = path_.string() + ".new";
      std::ofstream(fresh, std::ios::binary) << bytes_;
      fs::rename(fresh, path_);
    }
  }
  const std::string& bytes() const { return bytes_; }

 private:
  const fs::path path_;
  RandomStream& random_;
  std::string bytes_;
};

// Whatever was heard on the way: in the end it is what the files hold, and nothing twice.
TEST(MetricSources, SayInTheEndWhatTheFilesHold) {
  RandomStream random(1, "metric sources");
  for (int round = 0; round < 150; ++round) {
    const TemporaryDirectory directory;
    const AttemptFiles files = make_attempt(directory.path(), 1);
    std::map<std::string, Rows> heard;
    MetricSources sources(
        files, {},
        [&](const SourceName& source, std::span<const NamedValue> row) {
          append(heard[source.kind == SourceName::Kind::events ? "events" : source.file], row);
        },
        [&](const SourceName& source) {
          heard.erase(source.kind == SourceName::Kind::events ? "events" : source.file);
        });
    std::map<std::string, Writer> writers;
    for (const char* name : {"m.csv", "m.jsonl", "e.tfevents.1"}) {
      writers.emplace(name, Writer(files.own / name, random));
    }
    for (int i = 0; i < 30; ++i) {
      for (auto& [name, writer] : writers) writer.act();
      if (random.below(3) > 0) sources.read();
    }
    sources.finish();
    for (const auto& [name, writer] : writers) {
      const Rows& rows = heard[is_event_file(name) ? "events" : name];
      EXPECT_EQ(rows, rows_of(name, writer.bytes())) << name << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace etalon
