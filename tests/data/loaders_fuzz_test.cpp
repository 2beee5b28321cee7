// Damaged files of every source by the hundred: each is refused, or what is read of it holds
// together.
#include <gtest/gtest.h>

#include "data/dataset.hpp"
#include "data/gather.hpp"
#include "data/mutants.hpp"
#include "data/numpy.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::Bytes;

// Gathers every example of every part, and looks at what comes out.
void expect_whole(const DataSplits& splits) {
  for (const Dataset* part : {&splits.train, &splits.validation, &splits.test}) {
    ASSERT_GT(part->size(), 0u);
    const ExampleShape& shape = part->shape();
    ASSERT_EQ(shape, splits.train.shape());
    std::vector<float> src(part->features());
    std::vector<float> targets(static_cast<std::size_t>(shape.outputs));
    std::vector<std::int32_t> labels(static_cast<std::size_t>(shape.positions));
    for (std::uint32_t n = 0; n < part->size(); ++n) {
      gather(*part, splits.normalization, {&n, 1}, src, labels);
      if (shape.is_regression()) {
        gather_targets(*part, splits.normalization, {&n, 1}, targets);
      } else {
        for (const std::int32_t label : labels) ASSERT_TRUE(label >= 0 && label < shape.classes);
      }
    }
  }
}

class LoadersFuzz : public ::testing::Test {
 protected:
  // Loads `source` with the file `name`, which is part of it, damaged in so many ways.
  void damage(const std::string& source, const std::string& name, int rounds) {
    const std::filesystem::path path = directory_.path() / name;
    std::ifstream stream(path, std::ios::binary);
    const Bytes original{std::istreambuf_iterator<char>(stream), {}};
    RandomStream random(31, "damage " + name);
    int accepted = 0, refused = 0;
    for (int round = 0; round < rounds; ++round) {
      testing::write_file(path, testing::mutate(original, random));
      try {
        expect_whole(*load_splits(source, {}));
        ++accepted;
      } catch (const InputError& error) {
        ASSERT_STRNE(error.what(), "");
        ++refused;
      }
    }
    testing::write_file(path, original);
    EXPECT_NO_THROW(expect_whole(*load_splits(source, {})));
    EXPECT_GT(refused, rounds / 20) << accepted;
  }
  std::string path(const char* name) const { return (directory_.path() / name).string(); }
  void write(const char* name, const std::string& text) const {
    testing::write_file(directory_.path() / name, Bytes(text.begin(), text.end()));
  }
  testing::TemporaryDirectory directory_;
};

TEST_F(LoadersFuzz, CsvFiles) {
  write("labels.csv", "a,\"b\",label\n1,2,x\n3,-4.5e1,y\n5,6,x\n7,8,\"z\"\n9,10,y\n1,3,z\n");
  damage("csv:" + path("labels.csv"), "labels.csv", 600);
  write("targets.csv", "1;2;3.5\n4;5;6\n7;8;9\n-1;2;3\n0;1;2\n");
  damage("csv:" + path("targets.csv") + ",target=3", "targets.csv", 600);
}

TEST_F(LoadersFuzz, CifarBatches) {
  Bytes batch;
  for (std::size_t i = 0; i < 2 * 3073; ++i) {
    batch.push_back(static_cast<std::uint8_t>(i % 3073 == 0 ? i % 10 : i % 251));
  }
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    testing::write_file(directory_.path() / name, batch);
  }
  damage("cifar10:" + directory_.path().string(), "data_batch_2.bin", 200);
  damage("cifar10:" + directory_.path().string(), "test_batch.bin", 200);
}

TEST_F(LoadersFuzz, GzippedTexts) {
  testing::write_file(directory_.path() / "text.gz", testing::gzipped(testing::counting(400, 26)));
  damage("text:" + path("text.gz") + ",context=5", "text.gz", 600);
}

TEST_F(LoadersFuzz, ArraysOfNumPy) {
  if (!testing::has_python_module("numpy")) GTEST_SKIP() << "needs Debian's package python3-numpy";
  testing::run_numpy(directory_.path(),
                     "r = np.random.RandomState(6)\n"
                     "x, y = r.randn(9, 3), r.randint(0, 3, 9)\n"
                     "np.save('x.npy', x.astype('<f4')); np.save('y.npy', y.astype('u1'))\n"
                     "np.savez('stored.npz', x=x, y=y)\n"
                     "np.savez_compressed('deflated.npz', x=x, targets=r.randn(9, 2))\n");
  const std::string pair = "npy:" + path("x.npy") + "," + path("y.npy");
  damage(pair, "x.npy", 600);
  damage(pair, "y.npy", 600);
  damage("npz:" + path("stored.npz"), "stored.npz", 600);
  damage("npz:" + path("deflated.npz"), "deflated.npz", 600);
}

}  // namespace
}  // namespace etalon
