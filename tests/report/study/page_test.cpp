// The report as a browser shows it. Every test opens the real file in headless Chromium.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

#include "etalon/report.hpp"
#include "study/generalization.hpp"
#include "study/limits_text.hpp"
#include "support/browser.hpp"
#include "support/measured_limits.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using testing::count_of;
using testing::drawing;
using ::testing::HasSubstr;
using testing::lines_in;
using ::testing::Not;
using testing::root_data;
using testing::shown;
using ::testing::StartsWith;

// What the page cannot say of itself in its markup, written onto its root by a script of ours.
constexpr const char* kProbe = R"(<script>
  const root = document.documentElement;
  root.dataset.resources = performance.getEntriesByType("resource").length;
  root.dataset.overflow = root.scrollWidth - root.clientWidth;
  root.dataset.images = document.images.length;
  root.dataset.pwned = typeof pwned;
</script>)";

class Page {
 public:
  explicit Page(const StudyResult& result, const std::string& probe = kProbe,
                const std::string& command_line = "etalon study") {
    Provenance provenance;
    provenance.reproduce_command = command_line;
    std::ostringstream out;
    HtmlReporter().report(result, provenance, out);
    std::string html = out.str();
    html.insert(html.rfind("</body>"), probe);
    std::ofstream(path()) << html;
  }

  testing::Visit open(const testing::Window& window = {}) const {
    testing::Visit visit = testing::visit(path(), window);
    EXPECT_EQ(root_data(visit.dom, "ready"), "yes") << "the page's script did not end";
    EXPECT_THAT(visit.log, Not(HasSubstr("CONSOLE"))) << "the console is not empty";
    return visit;
  }

 private:
  std::filesystem::path path() const { return directory_.path() / "report.html"; }
  const testing::TemporaryDirectory directory_;
};

std::ptrdiff_t cells_of(const StudyResult& result, bool diverged) {
  std::map<std::pair<std::int64_t, double>, bool> cells;
  for (const TrialRecord& trial : result.trials) {
    cells[{trial.spec.batch_size, trial.spec.lr}] |= trial.result.state == TrialState::diverged;
  }
  return std::count_if(cells.begin(), cells.end(),
                       [&](const auto& cell) { return cell.second == diverged; });
}

TEST(Page, DrawsEveryChartWithTheLinesItShouldHave) {
  const StudyResult result = testing::synthetic_study();
  const auto batch_sizes = static_cast<std::ptrdiff_t>(result.options.batch_sizes.size());
  const auto rules = static_cast<std::ptrdiff_t>(result.options.rules.size());
  const std::string dom = Page(result).open().dom;
  const std::string curves = drawing(dom, "curves");
  EXPECT_EQ(lines_in(curves), batch_sizes);
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    EXPECT_THAT(dom, HasSubstr("data-batch=\"" + std::to_string(batch_size) + "\"><svg"))
        << "a key";
  }
  EXPECT_EQ(lines_in(drawing(dom, "heat")), rules);
  EXPECT_EQ(lines_in(drawing(dom, "optima")), rules);
  EXPECT_EQ(lines_in(drawing(dom, "accuracy")), rules + 1);
  // An interval is a line and two ends, for every rule and batch size; at this study's tolerance
  // the axis reaches them all.
  EXPECT_EQ(count_of(drawing(dom, "regret"), "stroke-width=\"1.6\""), 3 * batch_sizes * rules);
}

// A recipe that moves a beta is no point of the sweep: it has curves, an accuracy and a regret, but
// no line among the learning rates.
TEST(Page, KeepsARuleThatMovesMoreOutOfTheMapsOfLearningRates) {
  const StudyResult plain = testing::synthetic_study();
  const StudyResult result = testing::synthetic_recipe_study();
  const auto batch_sizes = static_cast<std::ptrdiff_t>(result.options.batch_sizes.size());
  const std::string dom = Page(result).open().dom, before = Page(plain).open().dom;
  EXPECT_EQ(drawing(dom, "heat"), drawing(before, "heat"));
  EXPECT_EQ(lines_in(drawing(dom, "optima")), 3);
  EXPECT_EQ(lines_in(drawing(dom, "accuracy")), 5);
  EXPECT_EQ(lines_in(drawing(dom, "curves")), batch_sizes);
  EXPECT_EQ(count_of(drawing(dom, "regret"), "stroke-width=\"1.6\""), 3 * batch_sizes * 4);
}

TEST(Page, SaysWhatARuleMovesAndThatItsRecipeIsBetter) {
  const std::string dom = Page(testing::synthetic_recipe_study()).open().dom;
  const auto start = dom.find("id=\"answer-table\"");
  const std::string table = dom.substr(start, dom.find("</table>", start) - start);
  EXPECT_THAT(table, HasSubstr("> better<"));
  EXPECT_THAT(table, HasSubstr("with β₁ 0.6<"));
  EXPECT_THAT(table, HasSubstr(" †<"));
  EXPECT_THAT(shown(dom, "answer-note"), HasSubstr("sde at B=512: beta1 is beta1^κ"));
  EXPECT_THAT(shown(dom, "regret-says"), HasSubstr("Below 0 a recipe beats every η"));
}

// A gap is a diamond, its interval a line and two ends.
TEST(Page, ShowsTheGapBetweenValidationAndTrainingLossOfEveryBatchSize) {
  StudyResult result = testing::synthetic_study();
  EXPECT_EQ(drawing(Page(result).open().dom, "generalization"), "");
  result.generalization = generalization_of(result);
  const std::string dom = Page(result).open().dom;
  const auto batch_sizes = static_cast<std::ptrdiff_t>(result.options.batch_sizes.size());
  EXPECT_EQ(count_of(drawing(dom, "generalization"), "stroke-width=\"1.6\""), 3 * batch_sizes);
  EXPECT_THAT(shown(dom, "generalization-says"), StartsWith(result.generalization->explanation));
  EXPECT_LT(dom.find("id=\"accuracy-chart\""), dom.find("id=\"generalization-chart\""));
}

// An interval is a line and two ends, of which an open one is an arrow of two strokes; where a rule
// breaks is a cross, whose strokes are scaled with it.
TEST(Page, ShowsWhatLimitsTheLearningRate) {
  StudyResult result = testing::synthetic_study();
  EXPECT_EQ(drawing(Page(result).open().dom, "limits"), "");
  result.limits = testing::synthetic_limits();
  const std::string dom = Page(result).open().dom;
  const std::string limits = drawing(dom, "limits");
  std::ptrdiff_t strokes = 0;
  for (const Optimum& optimum : result.optima) {
    strokes += 3 + (optimum.lr_low ? 0 : 1) + (optimum.lr_high ? 0 : 1);
  }
  EXPECT_EQ(count_of(limits, "stroke-width=\"1.6\""), strokes);
  EXPECT_EQ(shown(dom, "limits-says"), limits_text(result));
  EXPECT_EQ(count_of(limits, "stroke-width=\"0.48\""),
            static_cast<std::ptrdiff_t>(rule_breaks(result).size()));
}

TEST(Page, MarksEveryDivergedCellOfTheHeatMap) {
  const StudyResult result = testing::synthetic_study();
  const std::string heat = drawing(Page(result).open().dom, "heat");
  EXPECT_EQ(count_of(heat, "stroke-dasharray=\"2,2\""), cells_of(result, true));
  EXPECT_GT(cells_of(result, true), 0);
  EXPECT_EQ(count_of(heat, ">\\.[0-9]{3}</text>"), cells_of(result, false));
}

TEST(Page, AnswersFirst) {
  StudyResult result = testing::synthetic_study();
  result.conclusion = "The linear rule holds to B=256. Above that it does not.";
  const std::string dom = Page(result).open().dom;
  const auto answer = dom.find("<h1 id=\"conclusion\">The linear rule holds to B=256.</h1>");
  ASSERT_NE(answer, std::string::npos);
  EXPECT_LT(answer, dom.find("id=\"answer-table\""));
  EXPECT_LT(dom.find("id=\"answer-table\""), dom.find("id=\"curves-chart\""));
  EXPECT_EQ(shown(dom, "lead"), "Above that it does not.");
}

TEST(Page, SaysHowManySeedsThereAreAtMost) {
  StudyResult result = testing::synthetic_study();
  EXPECT_THAT(Page(result).open().dom,
              HasSubstr(fmt::format("<dd>{}, 3 seeds</dd>", result.trials.size())));
  TrialRecord more = result.trials.back();
  for (more.spec.seed = 101; more.spec.seed <= 104; ++more.spec.seed) result.trials.push_back(more);
  EXPECT_THAT(Page(result).open().dom,
              HasSubstr(fmt::format("<dd>{}, up to 7 seeds</dd>", result.trials.size())));
}

TEST(Page, AsksTheNetworkForNothing) {
  EXPECT_EQ(root_data(Page(testing::synthetic_study()).open().dom, "resources"), "0");
}

TEST(Page, ShowsTheLinesThatItsAddressAsksFor) {
  const StudyResult result = testing::synthetic_study();
  testing::Window window;
  window.hash = "rule=all&sizes=all&x=steps&y=train";
  const std::string dom = Page(result).open(window).dom;
  const std::string curves = drawing(dom, "curves");
  const std::ptrdiff_t thin = count_of(curves, "<path[^>]* stroke-opacity=\"0.65\"");
  EXPECT_EQ(thin, cells_of(result, true) + cells_of(result, false));
  EXPECT_THAT(curves, HasSubstr("steps (log scale)"));
  EXPECT_THAT(curves, HasSubstr("training loss"));
}

// Of the base batch size alone, until others are picked.
TEST(Page, ShowsThePairsThatArePicked) {
  const StudyResult result = testing::synthetic_study();
  std::set<double> at_base;
  for (const TrialRecord& trial : result.trials) {
    if (trial.spec.batch_size == result.options.base_batch_size) at_base.insert(trial.spec.lr);
  }
  const auto lines = [&](const std::string& hash) {
    testing::Window window;
    window.hash = hash;
    return lines_in(drawing(Page(result).open(window).dom, "curves"));
  };
  EXPECT_EQ(lines("rule=all"), std::ssize(at_base));
  EXPECT_EQ(lines("rule=tuned&sizes=8,2048"), 2);
  EXPECT_EQ(lines("rule=compare"), std::ssize(result.options.rules) + 2) << "rules, best and base";
}

TEST(Page, HidesABatchSizeWhoseKeyIsPressed) {
  const std::string press = R"(<script>
    addEventListener("load", () => setTimeout(() =>
      document.querySelector("#curves .key[data-batch='64']").click(), 1000));
  </script>)";
  const StudyResult result = testing::synthetic_study();
  const std::string dom = Page(result, press).open().dom;
  EXPECT_EQ(lines_in(drawing(dom, "curves")), std::ssize(result.options.batch_sizes) - 1);
}

TEST(Page, ZoomsAndShowsTheWholeAgain) {
  const std::string press = R"(<script>
    const [whole, closer] = ["#optima .tool[aria-label='Show the whole chart again']",
      "#optima .tool[aria-label='Zoom in']"].map((name) => document.querySelector(name));
    const labels = () => [...document.querySelectorAll("#optima-chart svg text")].map((text) => text.textContent).join();
    const root = document.documentElement;
    addEventListener("load", () => setTimeout(() => {
      const before = labels();
      closer.click();
      root.dataset.closer = !whole.hidden && labels() !== before;
      whole.click();
      root.dataset.whole = whole.hidden && labels() === before;
    }, 1000));
  </script>)";
  const std::string dom = Page(testing::synthetic_study(), press).open().dom;
  EXPECT_EQ(root_data(dom, "closer"), "true");
  EXPECT_EQ(root_data(dom, "whole"), "true");
}

// The picture has the title, the drawing and the keys; the table the numbers in full.
TEST(Page, GivesAChartAsAPictureAndAsNumbers) {
  const std::string press = R"(<script>
    const texts = [];
    URL.createObjectURL = (blob) => {
      blob.text().then((text) => texts.push(text)).then(() => {
        document.documentElement.dataset.svg = texts.some((text) => text.startsWith("<svg") &&
          text.includes("The best learning rate by batch size") && text.includes("linear rule"));
        document.documentElement.dataset.csv = texts.find((text) => text.startsWith("batch_size"))?.split("\r\n")[1] ?? "";
      });
      return "data:,";
    };
    HTMLAnchorElement.prototype.click = () => {};
    for (const name of ["Download as SVG", "Download the numbers as CSV"]) {
      document.querySelector(`#optima .tool[aria-label='${name}']`).click();
    }
  </script>)";
  const StudyResult result = testing::synthetic_study();
  const std::string dom = Page(result, press).open().dom;
  EXPECT_EQ(root_data(dom, "svg"), "true");
  EXPECT_THAT(root_data(dom, "csv"), StartsWith(fmt::format("8,{},", result.optima[0].lr)));
}

TEST(Page, LinksToItsSectionsAndToTheFilesBesideIt) {
  testing::Window window;
  window.hash = "optima&rule=linear";
  const std::string dom = Page(testing::synthetic_study()).open(window).dom;
  EXPECT_THAT(dom, HasSubstr("<a href=\"trials.csv\">"));
  EXPECT_THAT(dom, HasSubstr("<a href=\"curves.csv\">"));
  EXPECT_THAT(dom, HasSubstr("<a class=\"anchor\" href=\"#optima\""));
  EXPECT_THAT(shown(dom, "curves-says"), StartsWith("With the linear rule"));
}

TEST(Page, SortsTheAnswerByTheColumnPressed) {
  const std::string press = R"(<script>
    const button = [...document.querySelectorAll("#answer-table .sort")].find((each) => each.textContent === "use η");
    button.click();
    button.click();
    const rates = [...document.querySelectorAll("#answer-table .use")].map((each) => Number(each.textContent));
    document.documentElement.dataset.sorted = rates.length > 5 && rates.every((rate, i) => !i || rates[i - 1] >= rate);
  </script>)";
  EXPECT_EQ(root_data(Page(testing::synthetic_study(), press).open().dom, "sorted"), "true");
}

TEST(Page, MarksABatchSizeInAllChartsAndTables) {
  const std::string press = R"(<script>
    const point = () => {
      const row = document.querySelector("#answer-table tr[data-batch='64']");
      row.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
      const { dataset } = document.documentElement;
      const markers = [...document.querySelectorAll(".column-marker")];
      dataset.marked = markers.filter((marker) => !marker.hidden).length;
      dataset.hot = document.querySelector("#curves .key.hot")?.textContent;
    };
    addEventListener("load", () => setTimeout(point, 1000));
  </script>)";
  const std::string dom = Page(testing::synthetic_study(), press).open().dom;
  EXPECT_EQ(root_data(dom, "marked"), "4") << "map, optima, accuracy, regret";
  EXPECT_EQ(root_data(dom, "hot"), "B 64");
}

TEST(Page, ShowsATrialByItself) {
  testing::Window window;
  window.hash = "trial=3";
  const std::string dom = Page(testing::synthetic_study()).open(window).dom;
  EXPECT_EQ(shown(dom, "trial-title"), "Trial 3");
  EXPECT_GE(lines_in(drawing(dom, "trial")), 1);
}

// Of 5,000 trials with 60 points each.
TEST(Page, OfThousandsOfTrialsStaysSmall) {
  testing::SyntheticOptions options;
  options.curve_points = 60;
  StudyResult result = testing::synthetic_study(options);
  const std::vector<TrialRecord> some = result.trials;
  for (std::size_t i = 0; result.trials.size() < 5000; ++i) {
    TrialRecord trial = some[i % some.size()];
    trial.id = static_cast<std::int64_t>(result.trials.size()) + 1;
    trial.spec.seed = 100 + i / some.size();
    result.trials.push_back(std::move(trial));
  }
  std::ostringstream out;
  HtmlReporter().report(result, {}, out);
  EXPECT_LT(out.str().size(), 5'000'000u);
  EXPECT_THAT(shown(Page(result).open().dom, "curves-says"),
              HasSubstr("points of the curves are left out here"));
}

TEST(Page, SwitchesRuleAndAxisWhenAReaderDoes) {
  const std::string press = R"(<script>
    for (const [name, value] of [["rule", "fixed"], ["x", "examples"], ["color", "loss"]]) {
      document.querySelector(`input[name=${name}][value=${value}]`).click();
    }
  </script>)";
  const std::string dom = Page(testing::synthetic_study(), press).open().dom;
  EXPECT_THAT(drawing(dom, "curves"), HasSubstr("examples seen"));
  EXPECT_THAT(shown(dom, "curves-says"), StartsWith("With the fixed rule, validation loss ends"));
  EXPECT_EQ(count_of(dom, "<li>loss \\.[0-9]{3}<span class=\"ramp\""), 1);
}

TEST(Page, SortsItsTrialsByTheColumnPressed) {
  const std::string press = R"(<script>
    const head = [...document.querySelectorAll("#trials-table th")].find((th) => th.textContent === "loss");
    head.firstChild.click();
    const cells = [...document.querySelectorAll("#trials-table tbody tr")]
      .map((row) => row.children[[...head.parentNode.children].indexOf(head)].textContent);
    const losses = cells.filter((text) => text !== "–").map(Number);
    document.documentElement.dataset.sorted = losses.length > 100 &&
      losses.every((loss, i) => i === 0 || losses[i - 1] <= loss) && cells.at(-1) === "–";
  </script>)";
  const std::string dom = Page(testing::synthetic_study(), press).open().dom;
  EXPECT_EQ(root_data(dom, "sorted"), "true");
}

TEST(Page, NeedsNoSidewaysScrollOnAPhoneOrALaptop) {
  const Page page(testing::synthetic_study());
  for (const int width : {390, 800, 1280}) {
    EXPECT_EQ(root_data(page.open({width, 844, ""}).dom, "overflow"), "0") << width;
  }
}

TEST(Page, IsDrawnAnewInTheDark) {
  const Page page(testing::synthetic_study());
  const std::string light = drawing(page.open({1280, 900, "theme=light"}).dom, "optima");
  const std::string dark = drawing(page.open({1280, 900, "theme=dark"}).dom, "optima");
  EXPECT_EQ(lines_in(light), lines_in(dark));
  EXPECT_THAT(light, HasSubstr("rgb(0, 114, 178)"));
  EXPECT_THAT(dark, HasSubstr("rgb(86, 180, 233)"));
}

TEST(Page, ShowsHostileTextAsText) {
  const std::string hostile =
      "</script><img src=x onerror=\"pwned=1\"><!--<script>pwned=1</script>";
  testing::SyntheticOptions options;
  options.name = hostile;
  StudyResult result = testing::synthetic_study(options);
  result.conclusion = hostile + " B^0.5" + hostile;
  result.workload.objective_name = hostile;
  result.workload.settings = {{hostile, hostile}};
  result.recommendations[0].reason = hostile;
  result.options.rules[0] = hostile;
  for (RuleOutcome& outcome : result.rules) {
    if (outcome.rule == "fixed") outcome.rule = hostile;
    outcome.regret.explanation = hostile;
  }
  result.trials[0].result.state = TrialState::failed;
  result.trials[0].result.message = hostile;
  const std::string dom = Page(result, kProbe, hostile).open().dom;
  EXPECT_EQ(root_data(dom, "pwned"), "undefined");
  EXPECT_EQ(root_data(dom, "images"), "0");
  EXPECT_THAT(shown(dom, "subject"), StartsWith("&lt;/script&gt;&lt;img src=x"));
  EXPECT_THAT(shown(dom, "command"), StartsWith("&lt;/script&gt;&lt;img src=x"));
}

TEST(Page, OpensForAStudyWithOneBatchSizeAndNoAccuracy) {
  testing::SyntheticOptions options;
  options.batch_sizes = {32};
  options.accuracy = false;
  options.censor_last = false;
  const std::string dom = Page(testing::synthetic_study(options)).open().dom;
  EXPECT_EQ(lines_in(drawing(dom, "curves")), 1);
  EXPECT_EQ(drawing(dom, "accuracy"), "");
}

TEST(Page, OpensForAStudyThatHasNothingYet) {
  StudyResult result;
  result.interrupted = true;
  EXPECT_EQ(shown(Page(result).open().dom, "conclusion"), "The study has no answer yet.");
}

}  // namespace
}  // namespace etalon
