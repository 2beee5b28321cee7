// A study that grows under an open page, in a real browser.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "support/live_browser.hpp"
#include "support/synthetic_study.hpp"
#include "watch/live_curves.hpp"
#include "watch/watch_server.hpp"
#include "watch/watcher.hpp"

namespace etalon {
namespace {

using testing::LiveBrowser;

constexpr double kSoon = 2.0;  // seconds: how late a page may be

// Small enough to be read and evaluated in no time.
StudyResult small_study() {
  testing::SyntheticOptions options;
  options.batch_sizes = {32, 128};
  return testing::synthetic_study(options);
}

// A study whose trials are added as the test says, watched and served.
class GrowingStudy {
 public:
  explicit GrowingStudy(StudyResult study = small_study())
      : study_(std::move(study)),
        store_(file(), StoreMode::create, study_fingerprint(study_.workload, study_.options)),
        live_(directory_.path(), nobody_) {
    store_.set_meta("workload", study_.workload.name);
    grow_to(study_.trials.size() / 2);
    serving_ = std::jthread([this] { server_.serve(); });
    watching_ = std::jthread([this] { watcher_.run(over_); });
    board_.wait_newer(0, std::chrono::minutes(1));
  }
  ~GrowingStudy() {
    over_.request();
    watching_.join();
    board_.close();
    server_.stop();
  }

  std::string address() const { return fmt::format("http://127.0.0.1:{}/", server_.port()); }
  std::size_t trials() const { return next_; }
  void grow_to(std::size_t trials) {
    for (; next_ < trials; ++next_) store_.append(study_.trials[next_]);
  }
  LiveCurves& live() { return live_; }
  const TrialRecord& coming() const { return study_.trials.at(next_); }

 private:
  std::filesystem::path file() const { return directory_.path() / "study.db"; }

  const testing::TemporaryDirectory directory_;
  const StudyResult study_;
  SqliteStore store_;
  StudyObserver nobody_;
  LiveCurves live_;
  std::size_t next_ = 0;
  Board board_;
  Watcher watcher_{directory_.path(),
                   [](const StudyFile& study) { return stored_study(study, "study"); }, board_};
  WatchServer server_{board_, directory_.path(), {.port = 0}};
  StopFlag over_;
  std::jthread serving_, watching_;
};

// The address answers once the study has been read.
void open_page(LiveBrowser& browser, const std::string& address) {
  for (int i = 0; i < 100; ++i) {
    browser.open(address);
    if (browser.evaluate("document.querySelector('#conclusion') !== null") == true) return;
  }
}

std::string says_trials(std::size_t trials) {
  return fmt::format("document.querySelector('#outlook-says').textContent.startsWith('{} of')",
                     trials);
}

TEST(WatchedPage, FollowsTheStudy) {
  GrowingStudy study;
  LiveBrowser browser;
  open_page(browser, study.address());
  ASSERT_TRUE(browser.comes_true(says_trials(study.trials()), 20.0));
  study.grow_to(study.trials() + 1);
  EXPECT_TRUE(browser.comes_true(says_trials(study.trials()), kSoon));
  EXPECT_THAT(browser.complaints(), ::testing::IsEmpty());
}

TEST(WatchedPage, LeavesTheReadersZoomAndPlaceAlone) {
  GrowingStudy study;
  LiveBrowser browser;
  open_page(browser, study.address());
  ASSERT_TRUE(browser.comes_true(says_trials(study.trials()), 20.0));
  browser.evaluate(
      "document.querySelector('#optima-chart').scrollIntoView({ behavior: 'instant', block: "
      "'start' })");
  const auto chart = browser.evaluate(
      "(() => { const box = document.querySelector('#optima-chart')"
      ".getBoundingClientRect(); return [box.left, box.top]; })()");
  const double left = chart[0], top = chart[1];
  browser.mouse("mouseMoved", left + 200, top + 100);
  browser.mouse("mousePressed", left + 200, top + 100);
  browser.mouse("mouseMoved", left + 500, top + 300);
  browser.mouse("mouseReleased", left + 500, top + 300);
  const std::string zoomed = "!document.querySelector('#optima .tools .tool').hidden";
  ASSERT_TRUE(browser.comes_true(zoomed, 10.0));
  const std::string labels =
      "[...document.querySelectorAll('#optima-chart svg text')].map((text) => "
      "text.textContent).join()";
  const auto before = browser.evaluate(labels);
  const auto place =
      browser.evaluate("document.querySelector('#optima-chart').getBoundingClientRect().top");
  study.grow_to(study.trials() + 3);
  ASSERT_TRUE(browser.comes_true(says_trials(study.trials()), kSoon));
  EXPECT_EQ(browser.evaluate(zoomed), true);
  EXPECT_EQ(browser.evaluate(labels), before) << "the axes are where they were";
  EXPECT_NEAR(
      browser.evaluate("document.querySelector('#optima-chart').getBoundingClientRect().top")
          .get<double>(),
      place.get<double>(), 1.0);
  EXPECT_THAT(browser.complaints(), ::testing::IsEmpty());
}

TEST(WatchedPage, ShowsTheCurveOfATrialWhileItRuns) {
  GrowingStudy study;
  LiveBrowser browser;
  open_page(browser, study.address());
  const TrialRecord& trial = study.coming();
  study.live().on_start(trial);
  const std::string row = fmt::format(
      "document.querySelector('#under-way table [data-trial=\"{}\"]') !== null", trial.id);
  EXPECT_TRUE(browser.comes_true(row, kSoon));
  for (const CurvePoint& point : trial.result.curve) {
    study.live().on_point(trial, point);
    std::this_thread::sleep_for(std::chrono::milliseconds(260));
  }
  EXPECT_TRUE(browser.comes_true(
      "document.querySelectorAll('#under-way-chart svg path[stroke-width=\"2\"]').length > 0",
      kSoon));
  study.live().on_trial(trial);
  study.grow_to(study.trials() + 1);
  EXPECT_TRUE(browser.comes_true("!(" + row + ")", kSoon));
  EXPECT_THAT(browser.complaints(), ::testing::IsEmpty());
}

TEST(WatchedPage, ShowsHostileTextAsText) {
  const std::string hostile = "</script><img src=x onerror=\"document.title='pwned'\">";
  testing::SyntheticOptions options;
  options.name = hostile;
  options.batch_sizes = {32, 128};
  StudyResult result = testing::synthetic_study(options);
  result.trials.at(0).result.state = TrialState::failed;
  result.trials.at(0).result.message = hostile + "\n" + hostile;
  result.workload.settings.emplace_back(hostile, hostile);
  GrowingStudy study(result);
  LiveBrowser browser;
  open_page(browser, study.address());
  TrialRecord trial = study.coming();
  trial.result.message = hostile;
  study.live().on_start(trial);
  ASSERT_TRUE(browser.comes_true(
      "document.querySelectorAll('#under-way table tbody tr').length === 1", 10.0));
  EXPECT_EQ(browser.evaluate("document.images.length"), 0);
  EXPECT_EQ(browser.evaluate("document.title.includes('pwned') && !document.title.includes('img')"),
            false);
  EXPECT_EQ(browser.evaluate("document.querySelector('#under-way td.message').textContent"),
            hostile);
}

TEST(WatchedPage, OfAStudyThatIsCompleteIsTheReport) {
  GrowingStudy study;
  study.grow_to(small_study().trials.size());
  LiveBrowser browser;
  open_page(browser, study.address());
  EXPECT_EQ(browser.evaluate("document.querySelector('#under-way') === null"), true);
  EXPECT_EQ(browser.evaluate("performance.getEntriesByType('resource').every((each) => "
                             "each.name.startsWith(location.origin))"),
            true);
}

TEST(WatchedPage, SaysThatItIsNotConnectedAnyMore) {
  LiveBrowser browser;
  {
    GrowingStudy study;
    open_page(browser, study.address());
    ASSERT_TRUE(browser.comes_true("document.querySelector('#connection').hidden", 10.0));
  }
  EXPECT_TRUE(browser.comes_true("!document.querySelector('#connection').hidden", 20.0));
}

}  // namespace
}  // namespace etalon
