// Metrics out of lines as real training programs print them, and out of garbage nothing.
#include "metrics/metric_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "core/random.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::IsNan;
using ::testing::Not;

auto is(std::string name, double value) {
  return AllOf(Field(&NamedValue::name, name), Field(&NamedValue::value, value));
}

TEST(MetricText, ReadsJson) {
  EXPECT_THAT(metrics_in(R"({"step": 10, "val_loss": 2.125, "done": false, "note": "x 3"})"),
              ElementsAre(is("step", 10), is("val_loss", 2.125)));
  EXPECT_THAT(metrics_in(R"({"eval": {"loss": 1e-3}, "grads": [1, 2], "lr": "0.5"})"),
              ElementsAre(is("eval/loss", 1e-3), is("lr", 0.5)));
}

TEST(MetricText, ReadsTheNumbersThatPythonWritesIntoJson) {
  const auto found = metrics_in(R"({"loss": NaN, "a": Infinity, "b": -Infinity})");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0].value, IsNan());
  EXPECT_EQ(found[1].value, std::numeric_limits<double>::infinity());
  EXPECT_EQ(found[2].value, -std::numeric_limits<double>::infinity());
}

TEST(MetricText, ReadsPythonDictsAsTheTrainerOfTransformersPrintsThem) {
  EXPECT_THAT(metrics_in("{'eval_loss': 2.5, 'eval_runtime': 0.5, 'epoch': 1.0}"),
              ElementsAre(is("eval_loss", 2.5), is("eval_runtime", 0.5), is("epoch", 1)));
  EXPECT_THAT(metrics_in("{'loss': nan, 'grad_norm': '1.25', 'x': None, 'y': tensor(0.5, "
                         "device='cuda:0')}"),
              ElementsAre(Field(&NamedValue::value, IsNan()), is("grad_norm", 1.25), is("y", 0.5)));
}

TEST(MetricText, ReadsTheCharactersThatAreEscapedInDicts) {
  EXPECT_THAT(
      metrics_in(R"({"\u00fcberpr\u00fcft": 1, "a\/b\"c\\d\te": 2, "\ud83d\udcc9 loss": 3})"),
      ElementsAre(is("überprüft", 1), is("a/b\"c\\d\te", 2), is("📉 loss", 3)));
  EXPECT_THAT(metrics_in(R"({'it\'s \xfc\u9a8c\U0001f4c9': 1})"), ElementsAre(is("it's ü验📉", 1)));
  EXPECT_THAT(metrics_in(R"({"\ud83dx\udcc9\ud83d\u00fc\u0000": 1, "\u12": 2, "\q\xg": 3})"),
              ElementsAre(is("\uFFFDx\uFFFD\uFFFDü\uFFFD", 1), is("u12", 2), is("qxg", 3)));
}

TEST(MetricText, ReadsADictBehindALogsPrefix) {
  EXPECT_THAT(metrics_in("2026-01-31 10:00:00,123 INFO [tune-metric]: {\"loss\": 0.5}"),
              ElementsAre(is("loss", 0.5)));
}

TEST(MetricText, ReadsNamesWithSpaces) {
  EXPECT_THAT(metrics_in("step 250: train loss 1.9123, val loss 2.1"),
              ElementsAre(is("step", 250), is("train loss", 1.9123), is("val loss", 2.1)));
  EXPECT_THAT(metrics_in("iter 10: loss 2.3021, time 30.53ms, mfu -100.00%"),
              ElementsAre(is("iter", 10), is("loss", 2.3021), is("time", 30.53), is("mfu", -100)));
  EXPECT_THAT(metrics_in("Test set: Average loss: 0.0312, Accuracy: 9893/10000 (99%)"),
              ElementsAre(is("Average loss", 0.0312), is("Accuracy", 9893)));
}

TEST(MetricText, ReadsNamesAndValuesOfAllForms) {
  EXPECT_THAT(metrics_in("loss=0.52 acc = 81.5% best val loss: 1e-2"),
              ElementsAre(is("loss", 0.52), is("acc", 81.5), is("best val loss", 0.01)));
  EXPECT_THAT(metrics_in("[2026-01-31 10:41:23] INFO train/loss: .5; lr=+1E-05"),
              ElementsAre(is("train/loss", 0.5), is("lr", 1e-5)));
  EXPECT_THAT(metrics_in("INFO:root:val loss = -0.25"), ElementsAre(is("val loss", -0.25)));
  EXPECT_THAT(metrics_in("loss: nan"), ElementsAre(Field(&NamedValue::value, IsNan())));
}

TEST(MetricText, ReadsTensorsAndNamesOfAllLanguages) {
  EXPECT_THAT(metrics_in("loss: tensor(1.53, device='cuda:0', grad_fn=<NllLossBackward0>)"),
              Contains(is("loss", 1.53)));
  EXPECT_THAT(metrics_in("потеря на проверке: 1.5"), ElementsAre(is("потеря на проверке", 1.5)));
  EXPECT_THAT(metrics_in("验证损失=0.25"), ElementsAre(is("验证损失", 0.25)));
}

TEST(MetricText, ReadsProgressBars) {
  EXPECT_THAT(metrics_in("Epoch 3/10:  45%|####5     | 9/20 [00:01<00:01,  7.50it/s, loss=0.5]"),
              ElementsAre(is("Epoch", 3), is("loss", 0.5)));
  EXPECT_THAT(metrics_in("5/5 - 1s 3ms/step - loss: 0.5000 - val_loss: 0.6000"),
              ElementsAre(is("loss", 0.5), is("val_loss", 0.6)));
}

TEST(MetricText, ReadsPlacesInBrackets) {
  EXPECT_THAT(metrics_in("Epoch [3/10], Step [100/600], Loss: 0.25"),
              ElementsAre(is("Epoch", 3), is("Step", 100), is("Loss", 0.25)));
  EXPECT_THAT(metrics_in("Epoch: [2][ 10/50] loss 0.5 (0.6)"),
              ElementsAre(is("Epoch", 2), is("loss", 0.5)));
  EXPECT_THAT(metrics_in("loss [0.1, 0.2], step [[5], step [00:01<00:02]"), IsEmpty());
}

TEST(MetricText, ReadsThousandsAndNoDecimalComma) {
  EXPECT_THAT(metrics_in("step 12,000: loss: 1,234.5, b=-1,234,567 c=2"),
              ElementsAre(is("step", 12000), is("loss", 1234.5), is("b", -1234567), is("c", 2)));
  EXPECT_THAT(metrics_in("loss: 0,5; loss: 0,512; loss: 12,34; loss: 1,2345; loss 1234,567"),
              IsEmpty());
  EXPECT_THAT(metrics_in("loss: 1,2,3 loss: 1,234,5 loss: 1,234.5.6 loss: 1.5,250"), IsEmpty());
  EXPECT_THAT(metrics_in("epoch=1,loss=0.5,acc=3"),
              ElementsAre(is("epoch", 1), is("loss", 0.5), is("acc", 3)));
}

TEST(MetricText, TakesNoPartOfAWordADateOrAVersionForAValue) {
  EXPECT_THAT(metrics_in("resnet18 on 2026-01-31 with torch 1.13.1, started 10:41:23"), IsEmpty());
  EXPECT_THAT(metrics_in("information: nanny"), IsEmpty());
}

TEST(MetricText, SaysOfTheLargestAndSmallestNumbersWhatADoubleCan) {
  EXPECT_THAT(
      metrics_in("a=1e999 b=1e-999 c=0"),
      ElementsAre(is("a", std::numeric_limits<double>::infinity()), is("b", 0), is("c", 0)));
}

TEST(MetricText, TakesADictThatIsNotWholeForText) {
  EXPECT_THAT(metrics_in(R"({"loss": 0.5, "acc)"), Contains(is("loss", 0.5)));
  EXPECT_THAT(metrics_in(std::string(10000, '{')), IsEmpty());
}

// Whatever is printed, reading it ends, and a name is never empty.
TEST(MetricText, SurvivesGarbage) {
  const std::string_view letters = "{}[]()'\":=,. \t-+0123456789eEnaif_xu%\\/\x80\xff";
  const auto count = static_cast<std::uint32_t>(letters.size());
  RandomStream random(1, "metric text");
  for (int i = 0; i < 20000; ++i) {
    std::string line;
    for (std::uint32_t n = random.below(60); n > 0; --n) line += letters[random.below(count)];
    for (const NamedValue& found : metrics_in(line)) EXPECT_FALSE(found.name.empty()) << line;
  }
}

TEST(MetricText, KnowsOneMetricByItsSeveralSpellings) {
  EXPECT_TRUE(same_metric("val loss", "val_loss"));
  EXPECT_TRUE(same_metric("Val/Loss", "val-loss"));
  EXPECT_FALSE(same_metric("loss", "val_loss"));
}

}  // namespace
}  // namespace etalon
