// A program of somebody else's: their own training as a `Workload`, studied with the library.
#include <cmath>
#include <cstdio>
#include <etalon/optimum.hpp>
#include <etalon/study.hpp>
#include <etalon/version.hpp>

namespace {

// Loss = (ln(lr / best))² with the best learning rate proportional to the batch size.
class Parabola : public etalon::Workload {
 public:
  etalon::WorkloadInfo info() const override {
    return {"parabola", "loss", 1000, 1000, {{"workload", "parabola"}}};
  }
  etalon::TrialResult run(const etalon::TrialSpec& spec, etalon::TrialMonitor&) const override {
    const double best = 0.01 * static_cast<double>(spec.batch_size);
    etalon::TrialResult result;
    result.state = etalon::TrialState::finished;
    result.objective = 0.1 * std::pow(std::log(spec.lr / best), 2) +
                       1e-4 * std::sin(1e4 * spec.lr + static_cast<double>(spec.seed));
    return result;
  }
};

class InMemory : public etalon::TrialStore {
 public:
  std::vector<etalon::TrialRecord> load() const override { return trials_; }
  void append(const etalon::TrialRecord& record) override { trials_.push_back(record); }

 private:
  std::vector<etalon::TrialRecord> trials_;
};

}  // namespace

int main() {
  etalon::StudyOptions options;
  options.batch_sizes = {8, 16, 32, 64};
  options.base_batch_size = 16;
  InMemory store;
  etalon::StudyObserver observer;
  etalon::StopFlag stop;
  const auto study = etalon::run_study(Parabola(), options, store, observer, stop);
  std::printf("etalon %s: exponent %.3f\n", etalon::version(), study.exponent->exponent);
  return std::abs(study.exponent->exponent - 1.0) < 0.1 ? 0 : 1;
}
