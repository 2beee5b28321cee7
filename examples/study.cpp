// A study of a training of one's own: its trials on disk, its report beside them.
//
// A training is a `Workload`: batch size, learning rate and seed in, a loss out, and while it runs
// it asks whether to stop and reports its curve. The study may be killed at any time; started anew
// with StoreMode::resume it goes on.
//
// Prints:
// > B=16: within half an octave of 0.02
// > B=32: within half an octave of 0.04
// > B=64: within half an octave of 0.08
// > linear holds at 64
// > report.html is there
#include <cmath>
#include <cstdio>
#include <etalon/report.hpp>
#include <etalon/store.hpp>
#include <etalon/study.hpp>
#include <filesystem>
#include <string>

namespace {

// Stands for a training that takes hours: its loss falls step by step to one that is least where
// the learning rate is proportional to the batch size.
class Training : public etalon::Workload {
 public:
  etalon::WorkloadInfo info() const override {
    // Name, objective, examples in an epoch, examples in a trial, and every setting that matters.
    return {"a formula", "loss", 6400, 6400, {{"model", "a formula"}}, 0};
  }

  etalon::TrialResult run(const etalon::TrialSpec& spec,
                          etalon::TrialMonitor& monitor) const override {
    const double octaves = std::log2(spec.lr / best_lr(spec.batch_size));
    const double least = 0.3 + 0.03 * octaves * octaves + noise(spec);
    etalon::TrialResult result;
    while (result.steps < 6400 / spec.batch_size) {
      if (monitor.should_stop()) {
        result.state = etalon::TrialState::interrupted;
        return result;
      }
      report(monitor, spec, result.steps, least);
      ++result.steps;
    }
    report(monitor, spec, result.steps, least);
    result.state = etalon::TrialState::finished;
    result.objective = loss_at(spec, result.steps, least);
    return result;
  }

  static double best_lr(std::int64_t batch_size) {
    return 0.02 * static_cast<double>(batch_size) / 16;
  }

 private:
  static double noise(const etalon::TrialSpec& spec) {
    return 1e-3 * std::sin(1e4 * spec.lr + static_cast<double>(spec.seed));
  }
  static double loss_at(const etalon::TrialSpec& spec, std::int64_t step, double least) {
    const double done = static_cast<double>(step * spec.batch_size) / 6400;
    return least + (2.0 - least) * std::exp(-8 * done);
  }
  static void report(etalon::TrialMonitor& monitor, const etalon::TrialSpec& spec,
                     std::int64_t step, double least) {
    etalon::CurvePoint point;
    point.step = step;
    point.examples = step * spec.batch_size;
    point.epoch = static_cast<double>(point.examples) / 6400;
    point.validation_loss = loss_at(spec, step, least);
    monitor.report(point);
  }
};

}  // namespace

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "etalon-example-study";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);

  const Training training;
  etalon::StudyOptions options;
  options.batch_sizes = {16, 32, 64};
  {
    etalon::SqliteStore store(directory / "study.db", etalon::StoreMode::create,
                              etalon::study_fingerprint(training.info(), options));
    etalon::StudyObserver observer;  // derive from it to hear of trials as they run
    etalon::StopFlag stop;           // a signal handler may ask it
    const auto study = etalon::run_study(training, options, store, observer, stop);

    for (const etalon::Recommendation& each : study.recommendations) {
      const double best = Training::best_lr(each.batch_size);
      std::printf("B=%d: %s half an octave of %g\n", static_cast<int>(each.batch_size),
                  std::abs(std::log2(each.lr / best)) < 0.5 ? "within" : "not within", best);
    }
    for (const etalon::RuleOutcome& outcome : study.rules) {
      if (outcome.rule != "linear" || outcome.batch_size != 64) continue;
      const bool holds = outcome.regret.verdict == etalon::Verdict::holds;
      std::printf("linear %s at 64\n", holds ? "holds" : "is not shown to hold");
    }
    const std::string arguments[] = {"study"};
    etalon::write_study_files(study, etalon::collect_provenance(arguments, "", options), directory);
  }
  const bool written = std::filesystem::exists(directory / "report.html");
  std::printf("report.html is %s\n", written ? "there" : "missing");
  std::filesystem::remove_all(directory);
  return 0;
}
