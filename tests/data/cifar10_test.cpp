#include "data/cifar10.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/gather.hpp"
#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "support/python_module.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::Bytes;
using ::testing::HasSubstr;

// Record n has label n % 10 and pixels n + place, modulo 251.
Bytes records(std::size_t first, std::size_t count) {
  Bytes bytes;
  for (std::size_t n = first; n < first + count; ++n) {
    bytes.push_back(static_cast<std::uint8_t>(n % 10));
    for (std::size_t i = 0; i < 3072; ++i) {
      bytes.push_back(static_cast<std::uint8_t>((n + i) % 251));
    }
  }
  return bytes;
}

class Cifar10 : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < 5; ++i) write("data_batch_" + std::to_string(i + 1), i);
    write("test_batch", 5);
  }
  void write(const std::string& name, std::size_t number) {
    testing::write_file(file(name), records(4 * number, 4));
  }
  std::filesystem::path file(const std::string& name) const {
    return directory_.path() / (name + ".bin");
  }
  std::shared_ptr<const DataSplits> load() const {
    return load_splits("cifar10:" + directory_.path().string(), {.validation_size = 3});
  }
  std::string refusal() const {
    try {
      load();
    } catch (const InputError& error) {
      return error.what();
    }
    return "loaded without an error";
  }
  testing::TemporaryDirectory directory_;
};

TEST_F(Cifar10, ReadsTheRecordsOfAllFilesInTheirOrder) {
  const auto splits = load();
  EXPECT_EQ(splits->train.size(), 17u);
  EXPECT_EQ(splits->validation.size(), 3u);
  EXPECT_EQ(splits->test.size(), 4u);
  EXPECT_EQ(splits->train.shape(),
            (ExampleShape{.channels = 3, .height = 32, .width = 32, .classes = 10}));
  const Examples& train = *splits->train.examples;
  for (std::size_t n = 0; n < 20; ++n) {
    EXPECT_EQ(train.labels[n], static_cast<int>(n % 10));
    for (const std::size_t i : {0u, 1u, 1024u, 3071u}) {
      EXPECT_EQ(train.bytes[n * 3072 + i], (n + i) % 251);
    }
  }
  EXPECT_EQ(splits->test.examples->bytes[0], 20);
}

TEST_F(Cifar10, TakesFilesThatAreGzippedAndTheDirectoryAbove) {
  const auto plain = load();
  const std::filesystem::path inner = directory_.path() / "cifar-10-batches-bin";
  std::filesystem::create_directory(inner);
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    if (entry.is_regular_file()) {
      std::filesystem::rename(entry.path(), inner / entry.path().filename());
    }
  }
  std::filesystem::remove(inner / "test_batch.bin");
  testing::write_file(inner / "test_batch.bin.gz", testing::gzipped(records(20, 4)));
  const auto moved = load();
  EXPECT_EQ(moved->train.rows, plain->train.rows);
  EXPECT_TRUE(std::ranges::equal(moved->test.examples->bytes.values(),
                                 plain->test.examples->bytes.values()));
}

TEST_F(Cifar10, NamesFileAndByteOfWhatIsWrong) {
  Bytes bytes = records(0, 4);
  bytes[2 * 3073] = 10;
  testing::write_file(file("data_batch_3"), bytes);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("the label 10 is above 9"),
                               HasSubstr(file("data_batch_3").string() + " at byte 6146")));
  bytes.resize(3 * 3073 + 5);
  bytes[2 * 3073] = 9;
  testing::write_file(file("data_batch_3"), bytes);
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("ends 5 bytes into a record of 3073"), HasSubstr("at byte 9224")));
  testing::write_file(file("data_batch_3"), {});
  EXPECT_THAT(refusal(), HasSubstr("ends 0 bytes into a record"));
  std::filesystem::remove(file("data_batch_3"));
  EXPECT_THAT(refusal(), HasSubstr("there is no file data_batch_3.bin"));
}

TEST_F(Cifar10, SaysThatItIsNotThePythonVersion) {
  std::filesystem::rename(file("data_batch_1"), directory_.path() / "data_batch_1");
  EXPECT_THAT(refusal(), HasSubstr("take the binary version"));
}

// NumPy packs a set as the archive's readme says; here, the same images come out of it.
TEST_F(Cifar10, ReadsWhatNumPyWrote) {
  if (!testing::has_python_module("numpy")) GTEST_SKIP() << "needs Debian's package python3-numpy";
  const std::string script =
      "import sys, numpy as np\n"
      "where, random = sys.argv[1], np.random.RandomState(3)\n"
      "images = random.randint(0, 256, (60, 3, 32, 32), dtype=np.uint8)\n"
      "labels = random.randint(0, 10, 60).astype(np.uint8)\n"
      "names = ['data_batch_%d' % (i + 1) for i in range(5)] + ['test_batch']\n"
      "for i, name in enumerate(names):\n"
      "    part = slice(10 * i, 10 * i + 10)\n"
      "    rows = np.concatenate([labels[part, None], images[part].reshape(10, -1)], axis=1)\n"
      "    rows.tofile('%s/%s.bin' % (where, name))\n"
      "x = images[:50].astype(np.float64)\n"
      "np.concatenate([x.mean((0, 2, 3)), x.std((0, 2, 3))]).tofile(where + '/moments')\n"
      "images[:50].tofile(where + '/images'); labels[:50].tofile(where + '/labels')\n";
  testing::write_file(directory_.path() / "write.py", Bytes(script.begin(), script.end()));
  ASSERT_EQ(testing::run_command("/usr/bin/python3 " + (directory_.path() / "write.py").string() +
                                 " " + directory_.path().string())
                .exit_code,
            0);
  const auto splits = load();
  const auto read = [&](const char* name) {
    std::ifstream stream(directory_.path() / name, std::ios::binary);
    return Bytes{std::istreambuf_iterator<char>(stream), {}};
  };
  const Examples& train = *splits->train.examples;
  EXPECT_TRUE(std::ranges::equal(train.bytes.values(), read("images")));
  EXPECT_TRUE(std::ranges::equal(train.labels, read("labels")));
  Dataset all = splits->train;
  all.rows.insert(all.rows.end(), splits->validation.rows.begin(), splits->validation.rows.end());
  const Normalization by = measure_normalization(all);
  std::vector<double> moments(6);
  std::ifstream(directory_.path() / "moments", std::ios::binary)
      .read(reinterpret_cast<char*>(moments.data()), 48);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_FLOAT_EQ(by.mean[c], static_cast<float>(moments[c]));
    EXPECT_FLOAT_EQ(by.scale[c], static_cast<float>(1.0 / moments[c + 3]));
  }
}

}  // namespace
}  // namespace etalon
