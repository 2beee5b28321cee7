#include "data/idx.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::Bytes;
using testing::counting;
using ::testing::ElementsAre;
using testing::gzipped;
using ::testing::HasSubstr;
using testing::idx_bytes;
using ::testing::Not;
using testing::write_file;

class Idx : public ::testing::Test {
 protected:
  // The message with which reading these bytes is refused.
  std::string refusal(const Bytes& bytes) {
    write_file(path_, bytes);
    return refusal();
  }
  std::string refusal() {
    try {
      read_idx(path_, 2, 4);
    } catch (const InputError& error) {
      return error.what();
    }
    return "read without an error";
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "file-idx3-ubyte";
  Bytes good_ = idx_bytes({2, 2, 3}, counting(12, 251));
};

TEST_F(Idx, ReadsPlainAndGzippedFilesAlike) {
  for (const Bytes& bytes : {good_, gzipped(good_)}) {
    write_file(path_, bytes);
    const IdxArray array = read_idx(path_, 2, 4);
    EXPECT_THAT(array.shape, ElementsAre(2, 2, 3));
    EXPECT_EQ(array.values, counting(12, 251));
  }
}

TEST_F(Idx, ReadsAFileOfSeveralGzipMembers) {
  Bytes bytes = gzipped(Bytes(good_.begin(), good_.begin() + 17));
  const Bytes second = gzipped(Bytes(good_.begin() + 17, good_.end()));
  bytes.insert(bytes.end(), second.begin(), second.end());
  write_file(path_, bytes);
  EXPECT_EQ(read_idx(path_, 2, 4).values, counting(12, 251));
}

TEST_F(Idx, ReadsAFileLargerThanItsBuffers) {
  const Bytes values = counting(3 * 1000 * 1003, 249);
  for (const Bytes& bytes :
       {idx_bytes({3, 1000, 1003}, values), gzipped(idx_bytes({3, 1000, 1003}, values))}) {
    write_file(path_, bytes);
    EXPECT_TRUE(read_idx(path_, 3, 3).values == values);
  }
}

TEST_F(Idx, NamesFileAndOffsetOfATruncation) {
  const Bytes cut(good_.begin(), good_.begin() + 20);
  EXPECT_THAT(refusal(cut), AllOf(HasSubstr("truncated: its header claims 12 bytes of values, "
                                            "there are 4"),
                                  HasSubstr(path_.string() + " at byte 20")));
}

TEST_F(Idx, RefusesATruncatedHeader) {
  EXPECT_THAT(refusal(Bytes(good_.begin(), good_.begin() + 9)),
              AllOf(HasSubstr("ends within its header"), HasSubstr("at byte 9")));
}

TEST_F(Idx, RefusesBytesAfterTheValues) {
  good_.push_back(0);
  for (const Bytes& bytes : {good_, gzipped(good_)}) {
    EXPECT_THAT(refusal(bytes), AllOf(HasSubstr("goes on after the 12 bytes"), HasSubstr("29")));
  }
}

TEST_F(Idx, RefusesAnEmptyFile) {
  EXPECT_THAT(refusal({}), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal(gzipped({})), HasSubstr("the file is empty"));
}

TEST_F(Idx, RefusesAFileThatIsNotIdx) {
  EXPECT_THAT(refusal({'h', 'e', 'l', 'l', 'o'}), HasSubstr("not an IDX file"));
  EXPECT_THAT(refusal({0}), HasSubstr("not an IDX file"));
}

TEST_F(Idx, RefusesValuesThatAreNotUnsignedBytes) {
  good_[2] = 0x0D;
  EXPECT_THAT(refusal(good_), HasSubstr("type 0x0d, not unsigned bytes"));
}

TEST_F(Idx, RefusesAnUnexpectedNumberOfDimensions) {
  EXPECT_THAT(refusal(idx_bytes({12}, counting(12, 251))),
              HasSubstr("1 dimensions, expected 2 to 4"));
  EXPECT_THAT(refusal(idx_bytes({1, 1, 1, 1, 12}, counting(12, 251))), HasSubstr("5 dimensions"));
}

TEST_F(Idx, RefusesADimensionOfSizeZero) {
  EXPECT_THAT(refusal(idx_bytes({2, 0, 3}, {})), HasSubstr("dimension 2 has size 0"));
}

// Were the memory taken on the header's word, these would throw std::bad_alloc or be killed.
TEST_F(Idx, TakesNoMemoryOnTheWordOfAHeader) {
  EXPECT_THAT(refusal(idx_bytes({1u << 31, 1u << 31}, counting(100, 7))), HasSubstr("truncated"));
  EXPECT_THAT(refusal(gzipped(idx_bytes({1u << 20, 1u << 22}, counting(100, 7)))),
              HasSubstr("truncated"));
  EXPECT_THAT(refusal(idx_bytes({~0u, ~0u, ~0u, ~0u}, counting(100, 7))),
              HasSubstr("more than 2^64 bytes"));
}

TEST_F(Idx, RefusesDamagedCompressedData) {
  Bytes bytes = gzipped(good_);
  bytes[bytes.size() - 6] ^= 1;  // in the checksum
  EXPECT_THAT(refusal(bytes), HasSubstr("compressed data are damaged (" + path_.string()));
}

// zlib does not look behind the values by itself, least of all where they fill its buffers.
TEST_F(Idx, RefusesACompressedFileWhoseEndIsMissing) {
  for (const std::uint32_t rows : {1u, 7u, 1024u, 5000u}) {
    const Bytes whole = gzipped(idx_bytes({rows, 32, 32}, counting(rows * 1024, 251)));
    for (const std::ptrdiff_t missing : {1, 4, 8}) {
      EXPECT_THAT(refusal(Bytes(whole.begin(), whole.end() - missing)),
                  HasSubstr("compressed data are damaged"))
          << rows << " rows, " << missing << " bytes";
    }
  }
}

// A few kilobytes that unpack into gigabytes, beside a file that contradicts their header.
TEST_F(Idx, UnpacksNothingWhereTheHeadersContradictEachOther) {
  const std::filesystem::path labels = directory_.path() / "labels-idx1-ubyte";
  Bytes bomb = gzipped(idx_bytes({1u << 20, 64, 64}, Bytes(std::size_t{1} << 24, 0)));
  write_file(path_, bomb);
  write_file(labels, idx_bytes({3}, {0, 1, 2}));
  const auto expect_refused = [&](const std::filesystem::path& images,
                                  const std::filesystem::path& label_file) {
    try {
      read_idx_examples(images, label_file);
      FAIL() << "not refused";
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("labels for the"), Not(HasSubstr("truncated"))));
    }
  };
  expect_refused(path_, labels);
  write_file(labels, gzipped(idx_bytes({1u << 31}, Bytes(std::size_t{1} << 24, 0))));
  write_file(path_, idx_bytes({2, 1, 1}, {0, 1}));
  expect_refused(path_, labels);
}

TEST_F(Idx, RefusesADirectory) {
  std::filesystem::create_directory(path_);
  EXPECT_THAT(refusal(), HasSubstr("this is a directory"));
}

TEST_F(Idx, RefusesAMissingFile) {
  EXPECT_THAT(refusal(), HasSubstr("cannot be opened: No such file"));
}

TEST_F(Idx, RefusesAnUnreadableFile) {
  write_file(path_, good_);
  std::filesystem::permissions(directory_.path(), std::filesystem::perms{0755});
  std::filesystem::permissions(path_, std::filesystem::perms::none);
  testing::ChildProcess child([&](const auto& say) {
    testing::become_nobody();
    say(refusal());
  });
  EXPECT_THAT(child.listen_to_end(), HasSubstr("cannot be opened: Permission denied"));
}

TEST_F(Idx, TakesImagesOfTwoThreeAndFourDimensions) {
  const auto labels = directory_.path() / "labels";
  write_file(labels, idx_bytes({2}, {7, 3}));
  const auto shape_of = [&](const std::vector<std::uint32_t>& shape) {
    write_file(path_, idx_bytes(shape, counting(24, 251)));
    const Examples examples = read_idx_examples(path_, labels);
    EXPECT_EQ(examples.shape.classes, 8);
    EXPECT_EQ(examples.labels.size(), 2u);
    EXPECT_EQ(examples.shape.size(), 12);
    return std::vector<std::int64_t>{examples.shape.channels, examples.shape.height,
                                     examples.shape.width};
  };
  EXPECT_THAT(shape_of({2, 12}), ElementsAre(1, 1, 12));
  EXPECT_THAT(shape_of({2, 4, 3}), ElementsAre(1, 4, 3));
  EXPECT_THAT(shape_of({2, 3, 2, 2}), ElementsAre(3, 2, 2));
}

TEST_F(Idx, RefusesLabelsThatAreNotAsManyAsTheImages) {
  const auto labels = directory_.path() / "labels";
  write_file(path_, good_);
  write_file(labels, idx_bytes({3}, {0, 1, 2}));
  try {
    read_idx_examples(path_, labels);
    FAIL() << "read without an error";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("3 labels for the 2 images"),
                                    HasSubstr(labels.string() + " at byte 4")));
  }
}

// Plain images are mapped, gzipped ones are not; what is wrong is said alike.
TEST_F(Idx, RefusesImagesOfTheWrongLengthWhetherMappedOrNot) {
  const auto labels = directory_.path() / "labels";
  write_file(labels, idx_bytes({2}, {0, 1}));
  const auto expect_refused = [&](const Bytes& bytes, const char* what) {
    for (const Bytes& file : {bytes, gzipped(bytes)}) {
      write_file(path_, file);
      try {
        read_idx_examples(path_, labels);
        FAIL() << "not refused";
      } catch (const InputError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr(what), HasSubstr(path_.string())));
      }
    }
  };
  expect_refused(Bytes(good_.begin(), good_.end() - 3), "claims 12 bytes of values, there are 9");
  Bytes more = good_;
  more.push_back(0);
  expect_refused(more, "goes on after the 12 bytes");
}

TEST_F(Idx, RefusesImagesAndLabelsExchanged) {
  const auto labels = directory_.path() / "labels";
  write_file(path_, good_);
  write_file(labels, idx_bytes({2}, {0, 1}));
  EXPECT_THROW(read_idx_examples(labels, path_), InputError);
}

TEST_F(Idx, FindsFilesUnderTheirUsualNames) {
  const Bytes images = idx_bytes({2, 2, 3}, counting(12, 251));
  const Bytes labels = idx_bytes({2}, {0, 1});
  for (const auto& [image_name, label_name] :
       {std::pair{"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
        std::pair{"train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz"}}) {
    const testing::TemporaryDirectory set;
    EXPECT_FALSE(has_idx_pair(set.path(), "train"));
    write_file(set.path() / image_name, images);
    EXPECT_THROW(read_idx_pair(set.path(), "train"), InputError);
    write_file(set.path() / label_name, labels);
    EXPECT_TRUE(has_idx_pair(set.path(), "train"));
    EXPECT_EQ(read_idx_pair(set.path(), "train").labels.size(), 2u);
  }
}

}  // namespace
}  // namespace etalon
