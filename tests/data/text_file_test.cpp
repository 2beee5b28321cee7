#include "data/text_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "data/gather.hpp"
#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::Bytes;
using testing::counting;
using ::testing::HasSubstr;

std::string window(const Dataset& dataset, std::uint32_t index) {
  std::vector<float> src(dataset.features());
  std::vector<std::int32_t> labels(dataset.features());
  gather(dataset, {}, {&index, 1}, src, labels);
  std::string text(src.begin(), src.end());
  for (std::size_t t = 0; t + 1 < src.size(); ++t) {
    EXPECT_EQ(static_cast<float>(labels[t]), src[t + 1]);
  }
  return text + static_cast<char>(labels.back());
}

std::vector<std::string> windows(const Dataset& dataset) {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < dataset.size(); ++i) all.push_back(window(dataset, i));
  return all;
}

class TextFile : public ::testing::Test {
 protected:
  std::shared_ptr<const DataSplits> load(const Bytes& bytes, const std::string& settings,
                                         std::optional<std::int64_t> validation = {}) {
    testing::write_file(path_, bytes);
    return load_splits("text:" + path_.string() + settings, {.validation_size = validation});
  }
  std::string refusal(const Bytes& bytes, const std::string& settings,
                      std::optional<std::int64_t> validation = {}) {
    try {
      load(bytes, settings, validation);
    } catch (const InputError& error) {
      return error.what();
    }
    return "loaded without an error";
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "some.txt";
  const std::string alphabet_ = "abcdefghijklmnopqrstuvwxyz";
  const Bytes bytes_{alphabet_.begin(), alphabet_.end()};
};

// 26 bytes: the last 2·3 + 1 test, the 7 before them validate, 12 train.
TEST_F(TextFile, IsCutIntoWindowsWithTheEndsHeldOut) {
  const auto splits = load(bytes_, ",context=3", 2);
  EXPECT_EQ(windows(splits->train), (std::vector<std::string>{"abcd", "defg", "ghij"}));
  EXPECT_EQ(windows(splits->validation), (std::vector<std::string>{"mnop", "pqrs"}));
  EXPECT_EQ(windows(splits->test), (std::vector<std::string>{"tuvw", "wxyz"}));
}

TEST_F(TextFile, TrainsOnWindowsThatOverlapWhereItIsAskedTo) {
  const auto splits = load(bytes_, ",context=3,stride=2", 2);
  EXPECT_EQ(windows(splits->train),
            (std::vector<std::string>{"abcd", "cdef", "efgh", "ghij", "ijkl"}));
  EXPECT_EQ(windows(splits->validation), (std::vector<std::string>{"mnop", "pqrs"}));
}

TEST_F(TextFile, SaysItsShape) {
  const auto splits = load(counting(1000, 251), "");
  const ExampleShape& shape = splits->train.shape();
  EXPECT_EQ(shape.width, 64);
  EXPECT_EQ(shape.positions, 64);
  EXPECT_EQ(shape.vocabulary, 256);
  EXPECT_EQ(shape.classes, 256);
  EXPECT_EQ(shape, splits->test.shape());
  EXPECT_EQ(splits->validation.size(), 1u);  // a tenth of 15
  EXPECT_EQ(splits->train.size(), 13u);      // of 1000 - 2·65 bytes
}

TEST_F(TextFile, ReadsTheSameWhereItIsGzipped) {
  const Bytes bytes = counting(5'000'000, 253);
  const auto plain = load(bytes, ",context=100");
  const auto unpacked = load(testing::gzipped(bytes), ",context=100");
  ASSERT_EQ(plain->train.size(), unpacked->train.size());
  for (const std::uint32_t i : {0u, 17u, static_cast<std::uint32_t>(plain->train.size() - 1)}) {
    EXPECT_EQ(window(plain->train, i), window(unpacked->train, i));
  }
  EXPECT_EQ(windows(plain->test), windows(unpacked->test));
}

// At every length around what is just enough, what can be cut is within the file and the parts do
// not share a byte.
TEST_F(TextFile, NeverReadsBeyondAPart) {
  for (std::size_t length = 0; length < 60; ++length) {
    for (const std::int64_t validation : {1, 2, 3}) {
      const Bytes bytes = counting(length, 26);
      const std::string settings = ",context=4,stride=3";
      const std::size_t held_out = static_cast<std::size_t>(4 * validation + 1);
      if (length < 2 * held_out + 5) {
        EXPECT_THAT(refusal(bytes, settings, validation), ::testing::Not(HasSubstr("without")));
        continue;
      }
      const auto splits = load(bytes, settings, validation);
      EXPECT_EQ(splits->train.examples->bytes.size(), length - 2 * held_out);
      EXPECT_EQ(splits->train.size(), (length - 2 * held_out - 5) / 3 + 1);
      EXPECT_EQ(splits->validation.size(), static_cast<std::size_t>(validation));
      EXPECT_EQ(splits->test.size(), static_cast<std::size_t>(validation));
    }
  }
}

TEST_F(TextFile, IsRefusedWhereItIsTooShort) {
  EXPECT_THAT(refusal({}, ""),
              HasSubstr("the text has 0 bytes, not enough for three windows of 64"));
  EXPECT_THAT(refusal(bytes_, ",context=3", 4),
              AllOf(HasSubstr("validation_size is 4"), HasSubstr("has 8 windows of 3 bytes")));
  EXPECT_THAT(refusal(bytes_, ",context=3", 9'000'000'000'000'000'000),
              HasSubstr("validation_size is 9000000000000000000"));
}

TEST_F(TextFile, IsRefusedWithSettingsThatItHasNot) {
  EXPECT_THAT(refusal(bytes_, ",contxt=3"), HasSubstr("a text has no 'contxt'"));
  EXPECT_THAT(refusal(bytes_, ",context=0"), HasSubstr("from 1 to 65536"));
}

TEST_F(TextFile, IsRefusedWhereThereIsNone) {
  EXPECT_THROW(load_splits("text:" + (directory_.path() / "none").string(), {}), InputError);
  EXPECT_THROW(load_splits("text:" + directory_.path().string(), {}), InputError);
  Bytes cut = testing::gzipped(counting(3'000'000, 253));
  cut.resize(cut.size() / 2);
  EXPECT_THAT(refusal(cut, ""), HasSubstr("compressed data are damaged"));
}

}  // namespace
}  // namespace etalon
