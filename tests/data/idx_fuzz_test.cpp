// Damaged IDX files by the thousand: each is read just as a naive reader reads it, or refused.
#include <gtest/gtest.h>

#include <utility>

#include "core/random.hpp"
#include "data/idx.hpp"
#include "data/idx_bytes.hpp"
#include "data/mutants.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::Bytes;
using testing::counting;
using testing::gzipped;
using testing::idx_bytes;
using testing::mutate;
using testing::write_file;

// What `read_idx` makes of these bytes; nothing if it refuses them. Any other exception escapes.
std::optional<IdxArray> read(const std::filesystem::path& path, const Bytes& bytes) {
  write_file(path, bytes);
  try {
    return read_idx(path, 1, 4);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

bool same(const std::optional<IdxArray>& a, const std::optional<IdxArray>& b) {
  if (!a || !b) return !a && !b;
  return a->shape == b->shape && a->values == b->values;
}

std::vector<Bytes> small_files() {
  return {idx_bytes({5}, counting(5, 251)), idx_bytes({3, 4}, counting(12, 251)),
          idx_bytes({2, 3, 3}, counting(18, 251)), idx_bytes({2, 2, 2, 2}, counting(16, 251))};
}

TEST(IdxFuzz, PlainMutantsAreReadAsTheNaiveReaderDoesOrRefused) {
  const testing::TemporaryDirectory directory;
  RandomStream random(20, "plain mutants");
  int accepted = 0, refused = 0;
  for (int round = 0; round < 500; ++round) {
    for (const Bytes& file : small_files()) {
      const Bytes mutant = mutate(file, random);
      const auto expected = testing::parse_naively(mutant, 1, 4);
      const auto actual = read(directory.path() / "mutant", mutant);
      ASSERT_TRUE(same(actual, expected)) << ::testing::PrintToString(mutant);
      ++(actual ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 50);
  EXPECT_GT(refused, 500);
}

// A checksum guards the content, so what is read can only be the original.
TEST(IdxFuzz, GzippedMutantsAreReadAsTheOriginalOrRefused) {
  const testing::TemporaryDirectory directory;
  RandomStream random(21, "gzipped mutants");
  int accepted = 0, refused = 0;
  for (int round = 0; round < 500; ++round) {
    for (const Bytes& file : small_files()) {
      const Bytes mutant = mutate(gzipped(file), random);
      const auto actual = read(directory.path() / "mutant.gz", mutant);
      const auto original = testing::parse_naively(file, 1, 4);
      ASSERT_TRUE(!actual || same(actual, original)) << ::testing::PrintToString(mutant);
      ++(actual ? accepted : refused);
    }
  }
  EXPECT_GT(accepted, 50);
  EXPECT_GT(refused, 500);
}

TEST(IdxFuzz, MutantsCompressedAfterwardsAreReadAsTheNaiveReaderDoesOrRefused) {
  const testing::TemporaryDirectory directory;
  RandomStream random(22, "mutants, gzipped");
  for (int round = 0; round < 200; ++round) {
    for (const Bytes& file : small_files()) {
      const Bytes mutant = mutate(file, random);
      const auto expected = testing::parse_naively(mutant, 1, 4);
      const auto actual = read(directory.path() / "mutant.gz", gzipped(mutant));
      ASSERT_TRUE(same(actual, expected)) << ::testing::PrintToString(mutant);
    }
  }
}

TEST(IdxFuzz, EveryTruncationIsRefused) {
  const testing::TemporaryDirectory directory;
  for (const Bytes& file : small_files()) {
    for (const Bytes& bytes : {file, gzipped(file)}) {
      for (std::size_t length = 0; length < bytes.size(); ++length) {
        const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
        EXPECT_FALSE(read(directory.path() / "cut", cut)) << length << " of " << bytes.size();
      }
      EXPECT_TRUE(read(directory.path() / "whole", bytes));
    }
  }
}

}  // namespace
}  // namespace etalon
