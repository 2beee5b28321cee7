// A program that keeps its trials as a study and reads what others have kept.
#include <cmath>
#include <cstdio>
#include <etalon/store.hpp>
#include <filesystem>

namespace {

etalon::TrialRecord finished_trial(std::int64_t id, double lr) {
  etalon::TrialRecord record;
  record.id = id;
  record.round = 1;
  record.spec.batch_size = 32;
  record.spec.lr = lr;
  record.spec.seed = 1;
  record.result.state = etalon::TrialState::finished;
  record.result.objective = std::abs(std::log(lr / 0.01));
  return record;
}

}  // namespace

int main() {
  const auto path = std::filesystem::current_path() / "study.db";
  std::filesystem::remove(path);
  etalon::SqliteStore store(path, etalon::StoreMode::create, {{"optimizer", "adamw"}});
  for (std::int64_t id = 1; id <= 5; ++id) store.append(finished_trial(id, 0.01 * id));
  const etalon::StudyFile study = etalon::read_study_file(path);
  std::printf("%zu trials of %s\n", study.trials.size(), etalon::optimizer_of(study)->c_str());
  return etalon::sweep_of(study).size() == 5 ? 0 : 1;
}
