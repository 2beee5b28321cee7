// What pruning saves and costs, in campaigns of simulated trainings whose learning curves and
// optima are known: how often intervals hold the optimum, how wide they are, what the recommended
// learning rates lose, what was trained, and how often a pruned trial would have been the best.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>

#include "support/simulated_curves.hpp"

namespace {

using namespace etalon;
using namespace etalon::testing;

CampaignOptions options_of(std::optional<PruningOptions> pruning, std::int64_t trials) {
  CampaignOptions options;
  options.ask.batch_sizes = {64, 256, 1024};
  options.trials = trials;
  options.pruning = pruning;
  return options;
}

CampaignScore score_of(CurveSchedule schedule, std::optional<PruningOptions> pruning, int repeats,
                       std::int64_t slots, std::int64_t trials, double off) {
  CampaignScore score;
  for (int i = 1; i <= repeats; ++i) {
    CurveLaw law;
    law.schedule = schedule;
    law.seed = static_cast<std::uint64_t>(i);
    CampaignOptions options = options_of(pruning, trials);
    RandomStream stream(law.seed, "guess");
    options.ask.first_lr = 0.001 * std::exp2(off * (2.0 * stream.uniform() - 1.0));
    score_campaign(law, options, slots, score);
  }
  return score;
}

void print(const char* schedule, const char* rule, const CampaignScore& score, int repeats) {
  fmt::print("| {} | {} | {:.0f}% | {:.2f} | {:.4f} | {:.1f} | {:.1f} | {:.1f} | {} of {} |\n",
             schedule, rule, 100.0 * score.covered / score.intervals,
             score.width / std::max(score.closed, 1), score.regret / std::max(score.recommended, 1),
             1.0 * score.trials / repeats, 1.0 * score.pruned / repeats, score.spent / repeats,
             score.wrong, score.pruned);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What pruning saves and costs in campaigns of simulated trainings");
  int repeats = 100;
  std::int64_t slots = 4, trials = 24;
  double off = 3.0, grace = 0.25;
  app.add_option("--repeats", repeats)->capture_default_str();
  app.add_option("--slots", slots)->capture_default_str();
  app.add_option("--trials", trials)->capture_default_str();
  app.add_option("--off", off, "octaves by which the first guess may be wrong")
      ->capture_default_str();
  app.add_option("--grace", grace)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  fmt::print(
      "| schedule | pruning | coverage of 80% | octaves | regret | trials | pruned | "
      "trained, in trials | would have been best |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const CurveSchedule schedule : {CurveSchedule::constant, CurveSchedule::cosine}) {
    const char* name = schedule == CurveSchedule::constant ? "constant" : "cosine";
    print(name, "off", score_of(schedule, {}, repeats, slots, trials, off), repeats);
    print(
        name, "median",
        score_of(schedule, PruningOptions{PruningRule::median, grace}, repeats, slots, trials, off),
        repeats);
    print(name, "halving",
          score_of(schedule, PruningOptions{PruningRule::halving, grace}, repeats, slots, trials,
                   off),
          repeats);
  }
  return 0;
}
