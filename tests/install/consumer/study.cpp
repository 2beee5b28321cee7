// A program of somebody else's: their own training as a `Workload`, studied with the library.
#include <cmath>
#include <cstdio>
#include <etalon/optimum.hpp>
#include <etalon/study.hpp>
#include <etalon/version.hpp>

#include "parabola.hpp"

namespace {

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
