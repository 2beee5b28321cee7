#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/csv_examples.hpp"
#include "data/gather.hpp"
#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CsvFile : public ::testing::Test {
 protected:
  std::string write(const std::string& text, const std::string& name = "data.csv") {
    const testing::Bytes bytes(text.begin(), text.end());
    testing::write_file(directory_.path() / name, bytes);
    return (directory_.path() / name).string();
  }
  // What is read of a file, before it is cut into parts.
  struct Read {
    Examples examples;
    std::vector<std::string> notes;
  };
  Read read(const std::string& text, const std::string& settings = "") {
    const SpecText source("data", "csv:" + write(text) + settings, 1);
    CsvExamples csv(source);
    csv.read(source.word(0));
    return {csv.finish(), csv.notes()};
  }
  std::shared_ptr<const DataSplits> load(const std::string& text,
                                         const std::string& settings = "") {
    return load_splits("csv:" + write(text) + settings, {.validation_size = 1});
  }
  std::string refusal(const std::string& text, const std::string& settings = "") {
    try {
      load(text, settings);
    } catch (const InputError& error) {
      return error.what();
    }
    return "loaded without an error";
  }
  testing::TemporaryDirectory directory_;
};

// All rows of a file as they were read, in the order of the file: features, then the answer.
std::vector<std::vector<float>> table(const Examples& examples) {
  const auto width = static_cast<std::size_t>(examples.shape.width);
  const std::size_t rows = examples.floats.size() / width;
  std::vector<std::vector<float>> all;
  for (std::size_t row = 0; row < rows; ++row) {
    const float* first = examples.floats.data() + row * width;
    all.emplace_back(first, first + width);
    all.back().push_back(examples.shape.is_regression() ? examples.targets[row]
                                                        : static_cast<float>(examples.labels[row]));
  }
  return all;
}

template <typename Read>
std::vector<std::vector<float>> table(const Read& read) {
  return table(read.examples);
}

constexpr const char* kFlowers =
    "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n4.9,3.0,setosa\n";

TEST_F(CsvFile, NamesOfClassesAreNumberedInTheirOrder) {
  const auto [examples, notes] = read(kFlowers);
  EXPECT_THAT(table(examples), ElementsAre(ElementsAre(5.1f, 3.5f, 0), ElementsAre(7.0f, 3.2f, 1),
                                           ElementsAre(6.3f, 3.3f, 2), ElementsAre(4.9f, 3.0f, 0)));
  EXPECT_EQ(examples.shape, (ExampleShape{.width = 2, .classes = 3}));
  EXPECT_THAT(
      notes, ElementsAre("the label is column 'species', the last one, as label=COLUMN would say"));
}

TEST_F(CsvFile, EveryRowIsInOnePart) {
  std::string text = "x,label\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + "," + std::to_string(i % 2) + "\n";
  const auto splits = load_splits("csv:" + write(text) + ",test=0.25", {});
  EXPECT_EQ(splits->test.size(), 25u);
  EXPECT_EQ(splits->validation.size(), 15u);  // a fifth
  EXPECT_EQ(splits->train.size(), 60u);
  std::vector<std::uint32_t> all = splits->train.rows;
  for (const Dataset* part : {&splits->validation, &splits->test}) {
    all.insert(all.end(), part->rows.begin(), part->rows.end());
    EXPECT_FALSE(std::is_sorted(part->rows.begin(), part->rows.end()));
    for (std::size_t n = 0; n < part->size(); ++n) EXPECT_EQ(part->label(n), part->rows[n] % 2);
  }
  std::sort(all.begin(), all.end());
  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(all[i], i);
}

TEST_F(CsvFile, ATestFileHasRowsOfItsOwn) {
  const std::string test = write("x,label\n7,b\n8,a\n9,c\n", "test.csv");
  const auto splits = load("x,label\n1,a\n2,b\n3,a\n4,a\n", ",test=" + test);
  EXPECT_THAT(
      table(*splits->train.examples),
      ElementsAre(ElementsAre(1, 0), ElementsAre(2, 1), ElementsAre(3, 0), ElementsAre(4, 0),
                  ElementsAre(7, 1), ElementsAre(8, 0), ElementsAre(9, 2)));
  EXPECT_THAT(splits->test.rows, ElementsAre(4, 5, 6));
  EXPECT_EQ(splits->train.size() + splits->validation.size(), 4u);
  EXPECT_EQ(splits->test.shape().classes, 3);
}

TEST_F(CsvFile, WholeNumbersAreClassesInTheOrderOfTheirValues) {
  const auto [examples, notes] = read("1,10\n2,-1\n3,9\n4,10\n");
  EXPECT_THAT(table(examples), ElementsAre(ElementsAre(1, 2), ElementsAre(2, 0), ElementsAre(3, 1),
                                           ElementsAre(4, 2)));
  EXPECT_THAT(notes, ElementsAre("the file has no header", HasSubstr("column '2'")));
}

TEST_F(CsvFile, WhatWasAskedForIsNotSaidAgain) {
  EXPECT_THAT(read("1,10\n2,-1\n3,9\n4,10\n", ",header=no,label=2").notes, ElementsAre());
}

TEST_F(CsvFile, WholeNumbersAreClassesHoweverTheyAreWritten) {
  EXPECT_THAT(table(read("x,label\n1,10.0\n2,2\n3,1e1\n")),
              ElementsAre(ElementsAre(1, 1), ElementsAre(2, 0), ElementsAre(3, 1)));
}

TEST_F(CsvFile, TheLastColumnCalledSoIsTheLabel) {
  const auto [examples, notes] = read("labels,Class,y\n1,a,2\n3,b,4\n5,a,6\n");
  EXPECT_THAT(table(examples),
              ElementsAre(ElementsAre(1, 2, 0), ElementsAre(3, 4, 1), ElementsAre(5, 6, 0)));
  EXPECT_THAT(notes, ElementsAre(HasSubstr("column 'Class', as label=COLUMN")));
}

TEST_F(CsvFile, ATargetIsANumber) {
  const auto [examples, notes] = read("price,rooms\n1.5,2\n-3e2,4\n+5,6\n", ",target=price");
  EXPECT_THAT(table(examples),
              ElementsAre(ElementsAre(2, 1.5f), ElementsAre(4, -300), ElementsAre(6, 5)));
  EXPECT_EQ(examples.shape, (ExampleShape{.width = 1, .outputs = 1}));
  EXPECT_THAT(notes, IsEmpty());
}

TEST_F(CsvFile, ColumnsAreNamedOrNumbered) {
  const std::string text = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n";
  EXPECT_THAT(table(read(text, ",label=a"))[1], ElementsAre(5, 6, 1));
  EXPECT_THAT(table(read(text, ",label=1"))[1], ElementsAre(5, 6, 1));
  EXPECT_THAT(table(read(text, ",label=b,drop=c"))[1], ElementsAre(4, 1));
  EXPECT_THAT(table(read("1,2,3\n4,5,6\n7,8,9\n", ",label=3,drop=1"))[1], ElementsAre(5, 1));
}

TEST_F(CsvFile, AHeaderOfNumbersIsOneWhereItIsSaid) {
  const std::string text = "0,1,2\n1,2,3\n4,5,6\n7,8,9\n";
  EXPECT_EQ(table(read(text)).size(), 4u);
  EXPECT_EQ(table(read(text, ",header=yes")).size(), 3u);
}

TEST_F(CsvFile, ANameAboveANumberMakesAHeader) {
  EXPECT_THAT(table(read("0,1,kind\n1,2,3\n4,5,6\n7,8,9\n")),
              ElementsAre(ElementsAre(1, 2, 0), ElementsAre(4, 5, 1), ElementsAre(7, 8, 2)));
  EXPECT_EQ(table(read("5,3,setosa\n7,3,virginica\n4,3,setosa\n")).size(), 3u);
}

TEST_F(CsvFile, RowsMayBeWrittenInManyWays) {
  for (const char* text : {"a,b,c\n1,2,x\n3,4,y\n5,6,x\n",
                           "\xEF\xBB\xBF"
                           "a,b,c\r\n1,2,x\r\n3,4,y\r\n5,6,x\r\n",
                           "a\tb\tc\n1\t2\tx\n3\t4\ty\n5\t6\tx", "a;b;c\n1;2;x\n\n3;4;y\n5;6;x\n\n",
                           "\"a\",\"b\",\"c\"\n\"1\",2,\"x\"\n3,\"4\",y\n 5 , 6 ,x \n",
                           ",a,b,c\n0,1,2,x\n1,3,4,y\n2,5,6,x\n"}) {
    EXPECT_THAT(table(read(text)),
                ElementsAre(ElementsAre(1, 2, 0), ElementsAre(3, 4, 1), ElementsAre(5, 6, 0)))
        << text;
  }
}

TEST_F(CsvFile, MayBeGzipped) {
  const std::string text = kFlowers;
  testing::write_file(directory_.path() / "flowers.csv.gz",
                      testing::gzipped(testing::Bytes(text.begin(), text.end())));
  const auto splits = load_splits("csv:" + (directory_.path() / "flowers.csv.gz").string(), {});
  EXPECT_EQ(table(*splits->train.examples), table(read(kFlowers)));
}

TEST_F(CsvFile, FeaturesAreStandardizedByTheTrainingPart) {
  const auto splits = load("x,label\n1,0\n2,1\n4,0\n100,1\n7,0\n3,1\n");
  std::vector<std::uint32_t> indices(splits->train.size());
  for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
  std::vector<float> src(indices.size());
  std::vector<std::int32_t> labels(indices.size());
  gather(splits->train, splits->normalization, indices, src, labels);
  double sum = 0.0, squares = 0.0;
  for (const float value : src) sum += value, squares += value * value;
  EXPECT_NEAR(sum, 0.0, 1e-5);
  EXPECT_NEAR(squares, static_cast<double>(src.size()), 1e-5);
}

TEST_F(CsvFile, SaysInWhichLineWhatIsWrong) {
  const std::string place = (directory_.path() / "data.csv").string() + " line ";
  EXPECT_THAT(refusal("a,label\n1,0\nx,1\n"),
              AllOf(HasSubstr("'x' in column 'a' is no number"), HasSubstr(place + "3")));
  EXPECT_THAT(refusal("a,label\n1,0\n\n,1\n"),
              AllOf(HasSubstr("column 'a' has no value"), HasSubstr(place + "4")));
  EXPECT_THAT(refusal("a,label\n1,0\n1,2,3\n"),
              AllOf(HasSubstr("the row has 3 fields and the first has 2"), HasSubstr(place + "3")));
  EXPECT_THAT(refusal("a,label\n1,0\n2,\n"),
              AllOf(HasSubstr("column 'label' has no label"), HasSubstr(place + "3")));
  EXPECT_THAT(refusal("a,label\n1,0\n2,0.5\n"),
              AllOf(HasSubstr("'0.5' in column 'label' is no class"), HasSubstr("target=COLUMN")));
  EXPECT_THAT(refusal("1,0\n2,1,3\n"), HasSubstr(place + "2"));
  EXPECT_THAT(refusal("1,\n2,1\n"), HasSubstr(place + "1"));
  for (const char* number : {"nan", "inf", "1e39", "1e999", "0x10", "1,5"}) {
    EXPECT_THAT(refusal(std::string("a,label\n") + number + ",0\n"), HasSubstr(place + "2"))
        << number;
  }
}

TEST_F(CsvFile, IsRefusedWithWhatItHasNot) {
  EXPECT_THAT(refusal(kFlowers, ",label=spcies"),
              AllOf(HasSubstr("there is no column 'spcies'"), HasSubstr("did you mean species?")));
  EXPECT_THAT(refusal(kFlowers, ",label=4"), HasSubstr("there is no column '4'"));
  EXPECT_THAT(refusal(kFlowers, ",label=species,target=width"), HasSubstr("give one of them"));
  EXPECT_THAT(refusal(kFlowers, ",test=1"), HasSubstr("test is '1'"));
  EXPECT_THAT(refusal(kFlowers, ",header=maybe"), HasSubstr("header is 'maybe'"));
  EXPECT_THAT(refusal(kFlowers, ",lable=species"), HasSubstr("a CSV file has no 'lable'"));
  EXPECT_THAT(refusal(""), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal("label\n1\n2\n3\n"), HasSubstr("no column of features"));
  EXPECT_THAT(refusal("a,label\n1,0\n2,1\n"), HasSubstr("there are 2 rows of examples"));
  EXPECT_THAT(refusal("a,label\n1,0\n2,0\n3,0\n"), HasSubstr("all labels are the same"));
  EXPECT_THAT(refusal(kFlowers, ",test=" + write("length,width,name\n", "test.csv")),
              HasSubstr("other columns than the training file"));
  EXPECT_THAT(refusal(kFlowers, ",test=" + write("length,width,species\n", "test.csv")),
              HasSubstr("no row to test"));
  EXPECT_THROW(load_splits("csv:" + (directory_.path() / "none").string(), {}), InputError);
}

}  // namespace
}  // namespace etalon
