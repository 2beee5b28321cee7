// The page of `etalon noise --html` as a browser shows it: the real command writes it, headless
// Chromium opens it.
#include <iterator>
#include <sstream>

#include "cli/noise_command.hpp"
#include "support/browser.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::root_data;
using testing::shown;

constexpr const char* kProbe = R"(<script>
  const root = document.documentElement;
  // Charts out of sight are drawn last.
  const probe = () => {
    if (root.dataset.ready !== "yes") return setTimeout(probe);
    root.dataset.resources = performance.getEntriesByType("resource").length;
    root.dataset.overflow = root.scrollWidth - root.clientWidth;
    root.dataset.pwned = typeof pwned;
    root.dataset.marks = [...document.querySelectorAll("#figures .chart")]
      .map((each) => echarts.getInstanceByDom(each).getOption().yAxis[0].axisLabel.customValues.length)
      .join(" ");
    root.dataset.figures = [...document.querySelectorAll("#figures h2")].map((each) => each.firstChild.textContent).join("|");
  };
  probe();
</script>)";

class NoisePage : public testing::NoiseCommand {
 protected:
  // The document that `etalon noise ARGUMENTS --html` shows.
  std::string open(const std::vector<std::string>& arguments, const testing::Window& window = {}) {
    const std::filesystem::path page = directory_.path() / "noise.html";
    std::vector<std::string> all = arguments;
    all.insert(all.end(), {"--html", page.string(), "--quiet"});
    const auto result = noise(all);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::string html = testing::slurp(page);
    html.insert(html.rfind("</body>"), kProbe);
    std::ofstream(page) << html;
    const testing::Visit visit = testing::visit(page, window);
    EXPECT_EQ(root_data(visit.dom, "ready"), "yes") << "the page's script did not end";
    EXPECT_THAT(visit.log, Not(HasSubstr("CONSOLE"))) << "the console is not empty";
    EXPECT_EQ(root_data(visit.dom, "resources"), "0");
    EXPECT_EQ(root_data(visit.dom, "overflow"), "0");
    return visit.dom;
  }
};

TEST_F(NoisePage, AnswersInItsHeadlineAndShowsWhatFollows) {
  const std::string log = write("pairs.csv", pairs(200));
  const double scale = noise_json({log}).at("noise_scale");
  const std::string dom = open({log, "--lr", "0.1", "--batch-size", "32"});
  const std::string headline = shown(dom, "conclusion"), start = "Batches of up to about ";
  ASSERT_EQ(headline.substr(0, start.size()), start);
  EXPECT_NEAR(std::stod(headline.substr(start.size())), scale, 0.01 * scale);
  EXPECT_THAT(shown(dom, "lead"), HasSubstr("with a probability of 90%"));
  EXPECT_EQ(root_data(dom, "figures"),
            "What each batch size costs|The learning rate that follows|Along the way");
}

TEST_F(NoisePage, ShowsNormsOfALineOnAPhoneToo) {
  const std::string log = write("line.csv", singles(60, {16, 64, 256, 1024}, plain));
  const std::string dom = open({log}, {390, 844, ""});
  EXPECT_THAT(root_data(dom, "figures"), HasSubstr("The norms that were measured"));
}

TEST_F(NoisePage, ShowsATrainingWithItsLayersAndItsNoise) {
  const std::string dom = open(
      {"--model", "mlp:8", "--steps", "40", "--points", "2", "--layers", "--one-step", "8,64"});
  EXPECT_THAT(
      root_data(dom, "figures"),
      HasSubstr("Along the way|Layer by layer|What limits a step|How sharp the loss is along "
                "the way|The noise itself"));
}

// Three marks or more on an axis, though the parts of so many pairs are all alike, and not many.
TEST_F(NoisePage, HasMarksOnAxesOfAnyLength) {
  std::istringstream marks(root_data(open({write("pairs.csv", pairs(2000))}), "marks"));
  const std::vector<int> counts{std::istream_iterator<int>(marks), {}};
  ASSERT_EQ(counts.size(), 3u);
  EXPECT_THAT(counts, ::testing::Each(::testing::AllOf(::testing::Ge(3), ::testing::Le(9))));
}

TEST_F(NoisePage, SaysWhereNothingIsKnown) {
  testing::GaussianGradients lost(1e7, "lost");
  std::string text = "small_batch_size,small_norm_squared,big_batch_size,big_norm_squared\n";
  for (int i = 0; i < 30; ++i) {
    const NormPair pair = lost.pair(4, 8.0);
    text += fmt::format("8,{:.10g},32,{:.10g}\n", pair.small_squared_norm, pair.big_squared_norm);
  }
  const std::string dom = open({write("lost.csv", text)});
  EXPECT_EQ(shown(dom, "conclusion"), "The gradient noise scale is undefined here.");
  EXPECT_THAT(shown(dom, "lead"), HasSubstr("would tell"));
  EXPECT_EQ(root_data(dom, "figures"), "");
}

// A ratio has no interval, and names that a log brings are text.
TEST_F(NoisePage, ShowsARatioWithoutAnIntervalAndNamesAsText) {
  const std::string log =
      write("<img src=x onerror=pwned=1>.csv", "step,train/noise_scale\n1,300\n2,500\n3,4000\n");
  const std::string dom = open({log});
  EXPECT_THAT(shown(dom, "conclusion"), HasSubstr("about 500 examples"));
  EXPECT_THAT(shown(dom, "lead"), HasSubstr("gets no interval"));
  EXPECT_EQ(root_data(dom, "pwned"), "undefined");
  EXPECT_THAT(shown(dom, "subject"), HasSubstr("&lt;img src=x"));
}

TEST_F(NoisePage, IsNotWrittenOverItsLog) {
  const std::string log = write("pairs.csv", pairs(20));
  const auto result = noise({log, "--html", log});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--html"));
}

}  // namespace
}  // namespace etalon
