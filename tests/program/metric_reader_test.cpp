// Files of metrics in pieces of any size, as loggers write them and as they are when a writer dies.
#include "program/metric_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/crc32c.hpp"
#include "core/random.hpp"
#include "metrics/csv_rows.hpp"
#include "metrics/event_rows.hpp"
#include "support/temporary_directory.hpp"
#include "train/event_file.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Row = std::vector<std::pair<std::string, double>>;

// The rows of `bytes` as a file of this name, in pieces of so many bytes.
struct ReadRows {
  std::vector<Row> rows;
  std::string damage;
};
ReadRows read_rows(const std::string& name, const std::string& bytes,
                   std::size_t piece = 1'000'000) {
  ReadRows read;
  const auto reader = make_row_reader(name, nullptr, [&](std::span<const NamedValue> values) {
    Row& row = read.rows.emplace_back();
    for (const NamedValue& value : values) row.emplace_back(value.name, value.value);
  });
  for (std::size_t at = 0; at < bytes.size(); at += piece) reader->take(bytes.substr(at, piece));
  reader->finish();
  read.damage = reader->damage();
  return read;
}

TEST(CsvRows, ReadsTheRaggedTableOfALogger) {
  const std::string table =
      "epoch,step,train_loss,val_loss\r\n0,49,2.1,\r\n0,99,,1.75\r\n1,149,nan,";
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    const auto rows = read_rows("metrics.csv", table, piece).rows;
    ASSERT_THAT(rows, SizeIs(3));
    EXPECT_EQ(rows[0], (Row{{"epoch", 0}, {"step", 49}, {"train_loss", 2.1}}));
    EXPECT_EQ(rows[1], (Row{{"epoch", 0}, {"step", 99}, {"val_loss", 1.75}}));
    EXPECT_TRUE(std::isnan(rows[2].back().second));
  }
}

TEST(CsvRows, ReadsQuotesOtherDelimitersAndASecondHeader) {
  EXPECT_THAT(read_rows("a.csv", "\xEF\xBB\xBF\"val, \"\"loss\",name\n\"1.5\",\"a\nb\"\n").rows,
              ElementsAre(Row{{"val, \"loss", 1.5}}));
  EXPECT_THAT(read_rows("a.tsv", "step\tloss\n1\t2\n").rows,
              ElementsAre(Row{{"step", 1}, {"loss", 2}}));
  EXPECT_THAT(read_rows("a.csv", "step;loss\n1;2\n").rows,
              ElementsAre(Row{{"step", 1}, {"loss", 2}}));
  EXPECT_THAT(
      read_rows("a.csv", "step,loss\n1,2\nstep,acc,loss\n1,5,3\n\n,,\n").rows,
      ElementsAre(Row{{"step", 1}, {"loss", 2}}, Row{{"step", 1}, {"acc", 5}, {"loss", 3}}));
}

TEST(CsvRows, GoesOnBehindAQuoteThatIsNeverClosed) {
  std::string table = "loss\n\"1\n";
  table.resize(table.size() + CsvRows::kLongest, 'x');
  table += "\n2\n";
  EXPECT_THAT(read_rows("a.csv", table).rows, ElementsAre(Row{{"loss", 2}}));
}

TEST(LineRows, ReadsJsonLinesAndTheUsualForms) {
  EXPECT_THAT(read_rows("log.jsonl", "{\"step\": 1, \"loss\": 0.5}\n\nnonsense\nloss=0.25").rows,
              ElementsAre(Row{{"step", 1}, {"loss", 0.5}}, Row{{"loss", 0.25}}));
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string kEvents = "events.out.tfevents.1";

TEST(EventRows, ReadsWhatTheTrainingWrites) {
  const testing::TemporaryDirectory directory;
  EventFile file(directory.path());
  file.add(7, std::vector<Scalar>{{"loss/train", 0.75}, {"lr", 0.5}});
  file.add(300'000, std::vector<Scalar>{{"loss/val", 0.25}});
  const std::string bytes = bytes_of(file.path());
  for (const std::size_t piece : {1U, 13U, 4096U}) {
    const ReadRows read = read_rows(file.path(), bytes, piece);
    EXPECT_THAT(read.rows, ElementsAre(Row{{"step", 7}, {"loss/train", 0.75}, {"lr", 0.5}},
                                       Row{{"step", 300'000}, {"loss/val", 0.25}}));
    EXPECT_EQ(read.damage, "");
  }
}

// A message of protocol buffers, by hand: small numbers and short texts alone.
std::string field(int number, int wire, const std::string& content) {
  std::string bytes(1, static_cast<char>(number << 3 | wire));
  if (wire == 2) bytes += static_cast<char>(content.size());
  return bytes + content;
}
template <typename Number>
std::string raw(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}
std::string record(const std::string& message) {
  const std::string length = raw(static_cast<std::uint64_t>(message.size()));
  return length + raw(masked_crc32c(length)) + message + raw(masked_crc32c(message));
}
std::string event_with_tensor(const std::string& tensor, const std::string& plugin) {
  const std::string metadata = field(1, 2, field(1, 2, plugin));
  const std::string value = field(1, 2, "v") + field(9, 2, metadata) + field(8, 2, tensor);
  return field(2, 0, "\x05") + field(5, 2, field(1, 2, value));
}

TEST(EventRows, ReadsTensorsOfOneNumber) {
  const std::string float_type = field(1, 0, "\x01"), double_type = field(1, 0, "\x02");
  const auto rows = [](const std::string& tensor, const std::string& plugin = "scalars") {
    return read_rows(kEvents, record(event_with_tensor(tensor, plugin))).rows;
  };
  const Row half = {{"step", 5}, {"v", 0.5}};
  EXPECT_THAT(rows(float_type + field(4, 2, raw(0.5F))), ElementsAre(half));
  EXPECT_THAT(rows(double_type + field(4, 2, raw(0.5))), ElementsAre(half));
  EXPECT_THAT(rows(float_type + field(5, 5, raw(0.5F))), ElementsAre(half));
  EXPECT_THAT(rows(float_type + field(5, 2, raw(0.5F))), ElementsAre(half));
  EXPECT_THAT(rows(double_type + field(6, 1, raw(0.5))), ElementsAre(half));
  EXPECT_THAT(rows(float_type + field(4, 2, raw(0.5F)), "text"), IsEmpty());
  const std::string of_two = field(2, 2, field(2, 2, field(1, 0, "\x02")));
  EXPECT_THAT(rows(of_two + float_type + field(5, 5, raw(0.5F))), IsEmpty());
}

std::string some_events() {
  std::string bytes = version_record(1.0);
  for (int step = 0; step < 5; ++step) {
    bytes += scalar_record(1.0, step, std::vector<Scalar>{{"loss", 0.5}});
  }
  return bytes;
}

TEST(EventRows, TakesAFileThatEndsInARecordForOneThatGrows) {
  const std::string bytes = some_events();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const ReadRows read = read_rows(kEvents, bytes.substr(0, length));
    EXPECT_EQ(read.damage, "");
    EXPECT_LE(read.rows.size(), 4U);
  }
}

TEST(EventRows, NoticesEveryByteThatIsNotAsItWasWritten) {
  const std::string bytes = some_events();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_THAT(read_rows(kEvents, damaged).damage, HasSubstr("checksum")) << at;
  }
}

TEST(EventRows, PassesOverRecordsThatAreTooLong) {
  const std::string image = record(std::string(EventRecords::kLongest + 1, 'x'));
  const std::string last = scalar_record(1.0, 9, std::vector<Scalar>{{"loss", 0.5}});
  EXPECT_THAT(read_rows(kEvents, image + last, 1 << 20).rows,
              ElementsAre(Row{{"step", 9}, {"loss", 0.5}}));
}

// Whatever stands in a file: reading ends, and says no more than there is. Event messages get the
// right checksums, so that their own reader is reached.
TEST(RowReaders, SurviveGarbage) {
  RandomStream random(1, "row readers");
  const std::string letters = "step,loss\"\n\r;\t0123456789.-e{}:'nainf\x80\xff";
  const std::string events = some_events();
  for (int i = 0; i < 3000; ++i) {
    std::string text, message;
    for (std::uint32_t n = random.below(200); n > 0; --n) {
      text += letters[random.below(static_cast<std::uint32_t>(letters.size()))];
    }
    for (std::uint32_t n = random.below(60); n > 0; --n) {
      message += static_cast<char>(random.below(3) == 0 ? random.below(256) : random.below(48));
    }
    std::string mixed = events;
    for (int flips = 0; flips < 3; ++flips) {
      mixed[random.below(static_cast<std::uint32_t>(mixed.size()))] ^= 0x41;
    }
    const std::size_t piece = 1 + random.below(50);
    for (const char* name : {"a.csv", "a.jsonl", "a.tfevents.1"}) {
      for (const Row& row : read_rows(name, text, piece).rows) EXPECT_FALSE(row.empty());
    }
    for (const Row& row : read_rows(kEvents, record(message) + record(message), piece).rows) {
      EXPECT_GE(row.size(), 2U);
    }
    EXPECT_LE(read_rows(kEvents, mixed, piece).rows.size(), 5U);
  }
}

}  // namespace
}  // namespace etalon
