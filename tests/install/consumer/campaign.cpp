// A program whose trainings are dear: each is chosen by what it would tell, until a budget is
// spent.
#include <cmath>
#include <cstdio>
#include <etalon/campaign.hpp>
#include <filesystem>

#include "parabola.hpp"

int main() {
  const auto file = std::filesystem::current_path() / "campaign.db";
  const Parabola workload;
  etalon::CampaignOptions options;
  options.ask.batch_sizes = {16, 64};
  options.trials = 16;
  etalon::SqliteStore store(file, etalon::StoreMode::create,
                            etalon::campaign_fingerprint(workload.info(), options));
  etalon::ThreadRunner runner(workload, 2);
  etalon::StudyObserver observer;
  etalon::StopFlag stop;
  const auto result = etalon::run_campaign(workload.info(), runner, options, store, observer, stop);
  const double lr = result.recommendations.at(0).lr;
  std::printf("%zu trials, %g at batch size 16\n", result.trials.size(), lr);
  return std::abs(std::log2(lr / 0.16)) < 0.5 ? 0 : 1;
}
