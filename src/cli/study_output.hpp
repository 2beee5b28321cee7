// Where a study is kept and where its answer goes: what a study trained here and a study of another
// program share.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/report.hpp"
#include "etalon/store.hpp"

namespace etalon::cli {

struct StudyOutput {
  std::string out = "etalon-study";  // its directory
  std::string format = "table";
  bool resume = false;
  bool quiet = false;
  bool watch = false;  // with a page that shows it as it grows

  std::filesystem::path file() const { return std::filesystem::path(out) / "study.db"; }
};

// In the group "Running".
void add_output_flags(CLI::App& app, StudyOutput& output);

// Makes the directory, or says why it cannot be.
void make_study_directory(const std::filesystem::path& directory);

// Throws as `open_store` does for a study that is there already, before anything is made.
void refuse_existing_study(const StudyOutput& output);

// Begins the study, in a directory that it makes, or goes on with it. Throws as `SqliteStore`, and
// InputError where no report could be written.
SqliteStore open_store(const StudyOutput& output, const Fingerprint& fingerprint);

// The words of the command line, from the program's name on.
std::vector<std::string> words_of(int argc, const char* const* argv);

// How the study comes about, which is noted in its store. `model` as in reproduction_of.
Provenance note_provenance(std::span<const std::string> words, const StudyOutput& output,
                           std::string engine, const WorkloadInfo& workload,
                           const StudyOptions& options, SqliteStore& store,
                           const std::string& model = "");

// Writes the files and prints the answer, or how to go on where the study was interrupted. Returns
// the exit code.
int deliver(const StudyResult& result, const Provenance& provenance, const StudyOutput& output,
            std::span<const std::string> words, const SqliteStore& store);

// A study's answer on standard output, in one of the formats table, json and csv.
void print_study(const std::string& format, const StudyResult& result, const Provenance& provenance,
                 const std::string& report_path);

}  // namespace etalon::cli
