// How many trials a study takes and what its verdicts are worth, where the answer is known:
// simulated trainings, and the dense sweeps of bench/sweeps, of whose seeds a study sees a few. And
// what the advice of `propose` loses after so many trials on these sweeps.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "core/random.hpp"
#include "etalon/ask_tell.hpp"
#include "study/memory_store.hpp"
#include "support/simulated_study.hpp"

namespace etalon::bench {
namespace {

using testing::SimulatedScene;
using testing::SimulatedStudyWorkload;
using testing::StudyScore;

// The losses of one sweep: batch size, learning rate, seed.
using Losses = std::map<std::tuple<std::int64_t, double, std::uint64_t>, std::optional<double>>;

StudyResult study(const Workload& workload, const StudyOptions& options) {
  testing::MemoryStore store;
  StudyObserver observer;
  const StopFlag stop;
  return run_study(workload, options, store, observer, stop);
}

void show(const StudyResult& result, const std::function<double(double, double)>& excess) {
  for (const Optimum& o : result.optima) {
    fmt::print("  B={:5} best {:.3g} [{:.3g}, {:.3g}] {}\n", o.batch_size, o.lr,
               o.lr_low.value_or(0), o.lr_high.value_or(INFINITY), o.explanation);
  }
  for (const RuleOutcome& each : result.rules) {
    if (each.regret.verdict != Verdict::cannot_tell) continue;
    if (each.batch_size == result.options.base_batch_size) continue;
    fmt::print("  {} at {}: {:.4f} [{:.4f}, {:.4f}] of {} seeds, truly {:.4f}: {}\n", each.rule,
               each.batch_size, each.regret.regret.value_or(-1),
               each.regret.regret_low.value_or(-1), each.regret.regret_high.value_or(-1),
               each.regret.pairs, excess(static_cast<double>(each.batch_size), each.regret.lr),
               each.regret.explanation);
  }
}

void print(const std::string& name, const StudyScore& sum, int studies) {
  fmt::print(
      "{:28} {:4} studies: {:6.1f} trials in {:4.1f} rounds, {:5.2f} of {:.0f} cannot tell ({:.2f} "
      "far from the tolerance), {:.3f} "
      "wrong of those told, optimum held {:.3f}, mean widest {:.2f}, wider than 3: {:.3f}\n",
      name, studies, sum.trials / studies, sum.rounds / studies, sum.open / studies,
      sum.verdicts / studies, sum.open_far / studies, sum.wrong / (sum.verdicts - sum.open),
      sum.covered / sum.optima, sum.widest / studies, sum.wide / sum.optima);
  std::fflush(stdout);
}

// A sweep's trials with its seeds in another order.
class Replay : public Workload {
 public:
  Replay(const Losses& losses, int turn) : losses_(losses), turn_(turn) {
    for (const auto& [key, loss] : losses) {
      auto& lrs = lrs_[std::get<0>(key)];
      lrs.insert(std::get<1>(key));
    }
  }
  WorkloadInfo info() const override {
    WorkloadInfo info;
    info.name = "replay";
    info.objective_name = "loss";
    return info;
  }
  TrialResult run(const TrialSpec& spec, TrialMonitor&) const override {
    TrialResult result;
    const std::uint64_t seed = 1 + (spec.seed - 1 + static_cast<std::uint64_t>(turn_)) % 5;
    const auto loss = loss_at(spec.batch_size, spec.lr, seed);
    result.state = loss ? TrialState::finished : TrialState::diverged;
    if (loss) result.objective = *loss;
    if (!loss) result.diverged_step = 1;
    return result;
  }
  // Beyond what was run it rises by a half for each octave below, and diverges above.
  std::optional<double> loss_at(std::int64_t batch_size, double lr, std::uint64_t seed) const {
    const auto& lrs = lrs_.at(batch_size);
    if (lr > 1.05 * *lrs.rbegin()) return std::nullopt;
    const auto nearest = std::min_element(lrs.begin(), lrs.end(), [&](double a, double b) {
      return std::abs(std::log(a / lr)) < std::abs(std::log(b / lr));
    });
    auto loss = losses_.at({batch_size, *nearest, seed});
    if (loss && lr < 0.9 * *nearest) *loss += 0.5 * std::log2(*nearest / lr);
    return loss;
  }
  double mean_at(std::int64_t batch_size, double lr) const {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      sum += loss_at(batch_size, lr, seed).value_or(INFINITY);
    }
    return sum / 5;
  }
  double best_lr(std::int64_t batch_size) const {
    const auto& lrs = lrs_.at(batch_size);
    return *std::min_element(lrs.begin(), lrs.end(), [&](double a, double b) {
      return mean_at(batch_size, a) < mean_at(batch_size, b);
    });
  }
  double regret_of(const std::vector<Observation>& known, const ProposalOptions& options) const {
    constexpr double kHopeless = 1.0;
    const std::vector<Forecast> advice = current_advice(known, options);
    double sum = 0;
    for (std::size_t i = 0; i < options.batch_sizes.size(); ++i) {
      const std::int64_t batch_size = options.batch_sizes[i];
      double lr = options.first_lr, least = INFINITY;
      for (const Observation& run : known) {
        if (run.batch_size != static_cast<double>(batch_size) || !run.loss || *run.loss >= least) {
          continue;
        }
        lr = run.lr, least = *run.loss;
      }
      if (!advice.empty()) lr = advice[i].lr;
      const double loss = mean_at(batch_size, lr) - mean_at(batch_size, best_lr(batch_size));
      sum += std::min(loss, kHopeless);
    }
    return sum / static_cast<double>(options.batch_sizes.size());
  }

 private:
  const Losses& losses_;
  int turn_;
  std::map<std::int64_t, std::set<double>> lrs_;
};

std::map<std::string, Losses> read_sweeps(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::map<std::string, Losses> all;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string field;
    std::vector<std::string> row;
    while (std::getline(fields, field, ',')) row.push_back(field);
    // The digits that the file has are those of a power of the root of two.
    const double half_octave = std::round(2 * std::log2(std::stod(row[4]) / 0.0625));
    const double lr = 0.0625 * std::exp2(half_octave / 2);
    const double loss = std::stod(row[6]);
    all[row[0] + " " + row[1]][{std::stoll(row[3]), lr, std::stoull(row[5])}] =
        std::isfinite(loss) ? std::optional(loss) : std::nullopt;
  }
  return all;
}

void replay(const std::string& directory, const std::string& optimizer, StudyOptions options) {
  options.batch_sizes = {8, 16, 32, 64, 128, 256, 512, 1024};
  options.recipe.optimizer = find_optimizer(optimizer)->family;
  for (const auto& [setting, losses] : read_sweeps(directory + "/" + optimizer + ".csv")) {
    const Replay whole(losses, 0);
    // A guess that a user may have, on the lattice of the sweep.
    options.lr_center = 4 * whole.best_lr(32);
    StudyScore sum;
    for (int turn = 0; turn < 5; ++turn) {
      sum += testing::score_of(
          study(Replay(losses, turn), options),
          [&](double batch_size, double lr) {
            const auto size = static_cast<std::int64_t>(batch_size);
            return whole.mean_at(size, lr) - whole.mean_at(size, whole.best_lr(size));
          },
          [&](double batch_size) { return whole.best_lr(static_cast<std::int64_t>(batch_size)); });
    }
    print(optimizer + " " + setting, sum, 5);
  }
}

// What is recommended after 4, 8, 16 and 32 trials at four batch sizes, one after the other, loses
// on average over batch sizes and seeds; where nothing is recommended yet, the best that was tried.
void replay_suggest(const std::string& directory, const std::string& optimizer,
                    std::int64_t seeds) {
  for (const auto& [setting, losses] : read_sweeps(directory + "/" + optimizer + ".csv")) {
    const Replay whole(losses, 0);
    ProposalOptions options{.batch_sizes = {8, 32, 128, 1024},
                            .update = find_optimizer(optimizer)->update,
                            .first_lr = 4 * whole.best_lr(32),
                            .seeds = seeds};
    std::map<int, double> regrets;
    for (int turn = 0; turn < 5; ++turn) {
      std::vector<Observation> known;
      for (int trial = 1; trial <= 32; ++trial) {
        const TrialSpec spec = propose(known, {}, options).spec;
        const std::uint64_t seed = 1 + (spec.seed - 1 + static_cast<std::uint64_t>(turn)) % 5;
        known.push_back({static_cast<double>(spec.batch_size), spec.lr, spec.seed,
                         whole.loss_at(spec.batch_size, spec.lr, seed)});
        if (trial == 4 || trial == 8 || trial == 16 || trial == 32) {
          regrets[trial] += whole.regret_of(known, options) / 5;
        }
      }
    }
    fmt::print("{:10} {:14} seeds {}: ", optimizer, setting, seeds);
    for (const auto& [trials, regret] : regrets) fmt::print(" {:.5f} after {};", regret, trials);
    fmt::print("\n");
    std::fflush(stdout);
  }
}

std::vector<SimulatedScene> scenes() {
  return {{.name = "like a real study"},
          {.name = "quiet", .noise = 0.003},
          {.name = "loud", .noise = 0.012},
          {.name = "very loud", .noise = 0.03},
          {.name = "a steep side", .below = 0.015, .blow_up = 0.8, .growth = 0.8},
          {.name = "even noise", .below = 0.03, .blow_up = 0, .growth = 0, .seed_optimum = 0},
          {.name = "flat", .below = 0.006, .above = 0.008, .blow_up = 0.05},
          {.name = "a root", .power = 0.5, .turn = 1e9},
          {.name = "unmoved", .power = 0.0, .turn = 1e9}};
}

}  // namespace
}  // namespace etalon::bench

int main(int count, char** arguments) {
  using namespace etalon;
  CLI::App app{"How many trials a study takes, and what its verdicts are worth"};
  int studies = 10;
  std::string sweeps, scene;
  std::vector<std::string> optimizers = {"sgd", "momentum", "adam", "lamb"};
  StudyOptions options;
  options.jobs = 1;
  app.add_option("--studies", studies, "Simulated studies of each scene")->capture_default_str();
  app.add_option("--scene", scene, "Only this one");
  app.add_option("--sweeps", sweeps, "Directory of dense sweeps to replay too");
  app.add_option("--optimizers", optimizers, "Of these")->delimiter(',')->capture_default_str();
  app.add_option("--seeds", options.seeds, "As those of etalon study")->capture_default_str();
  bool suggest = false;
  app.add_flag("--suggest", suggest, "Replay the sweeps with etalon suggest instead");
  bool verbose = false;
  app.add_flag("--verbose", verbose, "What each simulated study could not tell");
  app.add_option("--most-seeds", options.most_seeds, "As that of etalon study");
  CLI11_PARSE(app, count, arguments);
  if (suggest) {
    for (const std::string& optimizer : optimizers) {
      for (const std::int64_t seeds : {1, 3}) bench::replay_suggest(sweeps, optimizer, seeds);
    }
    return 0;
  }
  for (const testing::SimulatedScene& each : bench::scenes()) {
    if (!scene.empty() && scene != each.name) continue;
    testing::StudyScore sum;
    for (int world = 1; world <= studies; ++world) {
      const auto number = static_cast<std::uint64_t>(world);
      const testing::SimulatedScene here = testing::varied(each, number);
      const testing::SimulatedStudyWorkload workload(here, number);
      const auto excess = [&](double batch_size, double lr) { return here.excess(batch_size, lr); };
      const StudyResult result = bench::study(workload, options);
      if (verbose) bench::show(result, excess);
      sum += testing::score_of(result, excess,
                               [&](double batch_size) { return here.optimum(batch_size); });
    }
    bench::print(each.name, sum, studies);
  }
  if (sweeps.empty()) return 0;
  for (const std::string& optimizer : optimizers) bench::replay(sweeps, optimizer, options);
}
