// Arrays that NumPy wrote, read back.
#include "data/array_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/gather.hpp"
#include "data/numpy.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ArrayFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_python_module("numpy"))
      GTEST_SKIP() << "needs Debian's package python3-numpy";
  }
  void numpy(const std::string& script) const { testing::run_numpy(directory_.path(), script); }
  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
  std::shared_ptr<const DataSplits> load(const std::string& settings = "") const {
    return load_splits("npz:" + path("a.npz") + settings, {});
  }
  std::string refusal(const std::string& source) const {
    try {
      load_splits(source, {});
    } catch (const InputError& error) {
      return error.what();
    }
    return "loaded without an error";
  }
  std::string refusal_of(const std::string& script) const {
    numpy(script);
    return refusal("npz:" + path("a.npz"));
  }
  testing::TemporaryDirectory directory_;
};

// Every type that NumPy has for numbers, either byte order, stored and deflated; x as it is and as
// 32-bit floats beside it.
TEST_F(ArrayFiles, EveryTypeIsReadAsNumPyConvertsIt) {
  for (const char* save : {"np.savez", "np.savez_compressed"}) {
    for (const char* type : {"<f4", ">f4", "<f8", ">f8", "i1", "<i2", ">i2", "<i4", "<i8", ">i8",
                             "<u2", ">u4", "<u8", "?"}) {
      const std::string most = std::string(type) == "?" ? "2" : "120";
      numpy(
          "r = np.random.RandomState(1)\nx = r.randint(0, " + most + ", (40, 3)).astype('" + type +
          "')\nif x.dtype.kind in 'fi': x = x - x.dtype.type(60)\ny = r.randint(0, 3, 40)\n" +
          save + "('a.npz', x=x, y=y)\nx.astype('<f4').tofile('x'); y.astype('<i4').tofile('y')\n");
      const auto splits = load();
      const Examples& all = *splits->train.examples;
      EXPECT_EQ(all.shape, (ExampleShape{.width = 3, .classes = 3})) << type;
      EXPECT_TRUE(std::ranges::equal(all.floats.values(), testing::read_raw<float>(path("x"))))
          << type;
      EXPECT_EQ(all.labels, testing::read_raw<std::int32_t>(path("y"))) << type;
      EXPECT_EQ(splits->test.size(), 4u);
    }
  }
}

TEST_F(ArrayFiles, PartsToTestWithKeepTheirRows) {
  for (const char* names :
       {"x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:]",
        "train_images=x[:30], train_labels=y[:30], test_images=x[30:], test_labels=y[30:]",
        "X_train=x[:30], y_train=y[:30, None], X_test=x[30:], y_test=y[30:, None]"}) {
    numpy(std::string("r = np.random.RandomState(2)\nx = r.randint(0, 256, (40, 6, 5), np.uint8)\n"
                      "y = r.randint(0, 10, 40).astype(np.uint8)\nnp.savez('a.npz', ") +
          names + ")\nx.tofile('x'); y.astype('<i4').tofile('y')\n");
    const auto splits = load();
    const auto pixels = testing::read_raw<std::uint8_t>(path("x"));
    const std::span<const std::uint8_t> x(pixels);
    EXPECT_TRUE(std::ranges::equal(splits->train.examples->bytes.values(), x.first(30 * 30)));
    EXPECT_TRUE(std::ranges::equal(splits->test.examples->bytes.values(), x.subspan(30 * 30)));
    const auto labels = testing::read_raw<std::int32_t>(path("y"));
    EXPECT_EQ(splits->test.examples->labels,
              std::vector<std::int32_t>(labels.begin() + 30, labels.end()));
    EXPECT_EQ(splits->train.shape(), splits->test.shape());
    EXPECT_EQ(splits->train.shape().height, 6);
    EXPECT_EQ(splits->train.shape().width, 5);
  }
}

TEST_F(ArrayFiles, ChannelsThatStandLastAreMovedFirst) {
  for (const char* type : {"np.uint8", "np.float32"}) {
    numpy(
        std::string("r = np.random.RandomState(3)\nx = r.randint(0, 256, (20, 6, 5, 3)).astype(") +
        type + ")\nnp.savez('a.npz', data=x, labels=r.randint(0, 2, 20))\n" +
        "x.transpose(0, 3, 1, 2).astype('<f4').tofile('x')\n");
    const auto splits = load();
    const Examples& all = *splits->train.examples;
    EXPECT_EQ(all.shape, (ExampleShape{.channels = 3, .height = 6, .width = 5, .classes = 2}));
    const auto expected = testing::read_raw<float>(path("x"));
    if (all.floats.empty()) {
      EXPECT_TRUE(std::ranges::equal(all.bytes.values(), expected));
    } else {
      EXPECT_TRUE(std::ranges::equal(all.floats.values(), expected));
    }
    EXPECT_THAT(splits->notes, ElementsAre(HasSubstr("a.npz(data) has its channels last")));
  }
}

TEST_F(ArrayFiles, AnswersThatAreFloatsAreTargets) {
  numpy(
      "r = np.random.RandomState(4)\nx = r.randn(20, 2)\ny = r.randn(20, 3)\n"
      "np.savez('a.npz', X=x, targets=y)\ny.astype('<f4').tofile('y')\n");
  const auto splits = load(",test=0.3");
  EXPECT_EQ(splits->train.shape(), (ExampleShape{.width = 2, .outputs = 3}));
  EXPECT_EQ(splits->train.examples->targets, testing::read_raw<float>(path("y")));
  EXPECT_EQ(splits->test.size(), 6u);
}

TEST_F(ArrayFiles, LabelsBelowZeroAreNumberedInTheirOrder) {
  numpy("np.savez('a.npz', x=np.arange(6.0), y=np.array([-1, 1, 1, -1, 20000, 1]))\n");
  EXPECT_THAT(load()->train.examples->labels, ElementsAre(0, 1, 1, 0, 2, 1));
  EXPECT_EQ(load()->train.shape().width, 1);
}

// What is gathered of a mapped array is what NumPy standardizes.
TEST_F(ArrayFiles, APairOfFilesIsMappedAndStandardizedAsNumPyDoesIt) {
  numpy(
      "r = np.random.RandomState(5)\nx = (r.randn(50, 4) * [1, 10, 100, 0.1]).astype('<f4')\n"
      "np.save('x.npy', x)\nnp.save('y.npy', r.randint(0, 5, 50))\n");
  const auto splits = load_splits("npy:" + path("x.npy") + "," + path("y.npy"), {});
  EXPECT_EQ(splits->train.size(), 36u);  // a tenth of 50 tests, a fifth of 45 validates
  std::ofstream rows(path("rows"), std::ios::binary);
  rows.write(reinterpret_cast<const char*>(splits->train.rows.data()),
             static_cast<std::streamsize>(4 * splits->train.size()));
  rows.close();
  numpy(
      "x = np.load('x.npy').astype('<f8')[np.fromfile('rows', '<u4')]\n"
      "((x - x.mean(0)) / x.std(0)).astype('<f4').tofile('standardized')\n");
  std::vector<std::uint32_t> indices(splits->train.size());
  for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
  std::vector<float> src(4 * indices.size());
  std::vector<std::int32_t> labels(indices.size());
  gather(splits->train, splits->normalization, indices, src, labels);
  const auto expected = testing::read_raw<float>(path("standardized"));
  ASSERT_EQ(src.size(), expected.size());
  for (std::size_t i = 0; i < src.size(); ++i) EXPECT_NEAR(src[i], expected[i], 1e-5f);
}

TEST_F(ArrayFiles, SayWhichArrayIsWrongAndHow) {
  const std::string x = path("a.npz") + "(x)", y = path("a.npz") + "(y)";
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2)), y=np.arange(5))"),
              AllOf(HasSubstr("there are 5 labels or targets for the 4 rows"), HasSubstr(y)));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((2, 2, 2, 2, 2)), y=np.arange(2))"),
              AllOf(HasSubstr("the array has shape (2, 2, 2, 2, 2)"), HasSubstr(x)));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((0, 2)), y=np.zeros(0))"),
              HasSubstr("the array has shape (0, 2)"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros(()), y=np.zeros(()))"),
              HasSubstr("the array has shape ()"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.array([[1, 2], [3, np.nan]]), y=np.arange(2))"),
              AllOf(HasSubstr("value 3 is no number"), HasSubstr(x + " row 1")));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2)), y=np.eye(4, dtype=int))"),
              AllOf(HasSubstr("the labels have shape (4, 4)"), HasSubstr(y)));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2)), y=np.ones(4, int))"),
              HasSubstr("all labels are the same"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2), complex), y=np.arange(4))"),
              HasSubstr("the array is of type '<c16'"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2)), y=np.array(list('abcd')))"),
              HasSubstr("the array is of type '<U1'"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros((4, 2), 'f2'), y=np.arange(4))"),
              HasSubstr("the array is of type '<f2'"));
  EXPECT_THAT(
      refusal_of("np.savez('a.npz', x=np.asfortranarray(np.zeros((4, 2))), y=np.arange(4))"),
      AllOf(HasSubstr("Fortran's order"), HasSubstr("ascontiguousarray")));
  EXPECT_THAT(refusal_of("np.savez('a.npz', x=np.zeros(4, [('a', 'f4')]), y=np.arange(4))"),
              HasSubstr("the array is one of records"));
  EXPECT_THAT(refusal_of("np.savez('a.npz', z=np.zeros(4), y=np.arange(4))"),
              AllOf(HasSubstr("no features and labels among its arrays: z, y"),
                    HasSubstr("name them x and y")));
}

TEST_F(ArrayFiles, AreRefusedWhereTheyAreNone) {
  const testing::Bytes text = {'h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd'};
  testing::write_file(path("a.npz"), text);
  EXPECT_THAT(refusal("npz:" + path("a.npz")), HasSubstr("the archive cannot be opened"));
  EXPECT_THAT(refusal("npz:" + path("none.npz")), HasSubstr("No such file"));
  EXPECT_THAT(refusal("npy:" + path("a.npz")), HasSubstr("write npy:FEATURES,LABELS"));
  EXPECT_THAT(refusal("npy:" + path("a.npz") + "," + path("a.npz")),
              AllOf(HasSubstr("no array of NumPy's"), HasSubstr("at byte 0")));
  EXPECT_THAT(refusal("npz:" + directory_.path().string()), HasSubstr("this is a directory"));
}

}  // namespace
}  // namespace etalon
