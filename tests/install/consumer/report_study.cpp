// A program that studies its own training, keeps the study on disk and writes the report.
#include <cstdio>
#include <etalon/report.hpp>
#include <etalon/store.hpp>
#include <etalon/study.hpp>
#include <filesystem>
#include <string>

#include "parabola.hpp"

int main() {
  const auto directory = std::filesystem::current_path() / "study";
  std::filesystem::create_directories(directory);
  const Parabola workload;
  etalon::StudyOptions options;
  options.batch_sizes = {8, 16, 32};
  options.base_batch_size = 16;
  etalon::SqliteStore store(directory / "study.db", etalon::StoreMode::create,
                            etalon::study_fingerprint(workload.info(), options));
  etalon::StudyObserver observer;
  etalon::StopFlag stop;
  const auto result = etalon::run_study(workload, options, store, observer, stop);
  const std::string arguments[] = {"parabola"};
  etalon::write_study_files(result, etalon::collect_provenance(arguments, "", options), directory);
  std::printf("%zu trials\n", etalon::read_study_file(directory / "study.db").trials.size());
  return std::filesystem::file_size(directory / "report.html") > 100000 ? 0 : 1;
}
