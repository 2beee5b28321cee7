// Tuning a training of one's own in process: ask for a run, do it, tell what it came to.
//
// Prints:
// > trial 1: batch size 256, lr 0.001, seed 1
// > trial 2: batch size 256, lr 0.004, seed 1
// > trial 3: batch size 256, lr 0.00025, seed 1
// > within a fifth of the optimum after 8 trials
#include <cmath>
#include <cstdio>
#include <etalon/ask_tell.hpp>
#include <filesystem>

namespace {

constexpr double kOptimum = 0.0018;

// Stands for a training that takes hours.
double train(const etalon::TrialSpec& run) {
  const double x = 0.6 * std::log(run.lr / kOptimum);
  return 2.9 + 0.1 * (std::expm1(x) - x);
}

}  // namespace

int main() {
  const auto directory = std::filesystem::temp_directory_path() / "etalon-example-ask-tell";
  std::filesystem::remove_all(directory);

  etalon::AskTell study(directory);
  for (int i = 0; i < 8; ++i) {
    const etalon::AskedTrial trial = study.ask(256).trial;
    study.tell(trial.id, etalon::TrialOutcome::of_loss(train(trial.spec)));
    if (trial.id <= 3) {
      std::printf("trial %d: batch size %d, lr %g, seed %d\n", static_cast<int>(trial.id),
                  static_cast<int>(trial.spec.batch_size), trial.spec.lr,
                  static_cast<int>(trial.spec.seed));
    }
  }
  const auto advice = etalon::current_advice(study.observations(), study.proposal_options(256));
  const double off = std::abs(std::log(advice.at(0).lr / kOptimum));
  std::printf("%s a fifth of the optimum after 8 trials\n", off < 0.2 ? "within" : "not within");

  std::filesystem::remove_all(directory);
  return 0;
}
