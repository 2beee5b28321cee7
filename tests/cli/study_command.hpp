// A small `etalon study` for tests: pictures of four kinds that a network learns in milliseconds,
// and what two studies must have in common to be the same.
#pragma once

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "data/idx_bytes.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

using Arguments = std::vector<std::string>;

inline Arguments operator+(Arguments all, const Arguments& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Writes pictures of 4 x 4 pixels; in class c, row c is brighter than the others. Seeded.
inline void write_pictures(const std::filesystem::path& directory, const std::string& prefix,
                           std::uint32_t count) {
  std::mt19937 random(count);
  Bytes pixels, labels;
  for (std::uint32_t i = 0; i < count; ++i) {
    labels.push_back(static_cast<std::uint8_t>(random() % 4));
    for (int pixel = 0; pixel < 16; ++pixel) {
      const std::uint32_t light = pixel / 4 == labels.back() ? 80 : 0;
      pixels.push_back(static_cast<std::uint8_t>(light + random() % 160));
    }
  }
  const std::string start = (directory / prefix).string();
  write_file(start + "-images-idx3-ubyte", idx_bytes({count, 4, 4}, pixels));
  write_file(start + "-labels-idx1-ubyte", idx_bytes({count}, labels));
}

// A directory with a data set, and room for studies of it.
class SmallStudy {
 public:
  SmallStudy() {
    std::filesystem::create_directory(data());
    write_pictures(data(), "train", 1200);
    write_pictures(data(), "t10k", 50);
  }

  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

  // The settings that make it small. A later flag of the same name is refused, as for everyone.
  Arguments settings() const { return data_settings() + Arguments{"--examples", "4000"}; }
  Arguments slow_settings() const { return data_settings() + Arguments{"--examples", "60000"}; }
  Arguments data_settings() const {
    return {"--dataset",         "idx:" + data().string(),
            "--model",           "mlp:4",
            "--validation-size", "200",
            "--batch-sizes",     "16,64",
            "--base-batch-size", "64",
            "--seeds",           "2"};
  }

  // `etalon study --out NAME`, with more arguments.
  Arguments study(const std::string& name, const Arguments& more) const {
    return Arguments{"study", "--out", path(name).string()} + more;
  }

 private:
  TemporaryDirectory directory_;
};

inline ProgramResult run_etalon(const Arguments& arguments, const ProgramOptions& options = {}) {
  return run_program(ETALON_BINARY, arguments, options);
}

// A CSV file of fields without quotes, less its column `wall_seconds`.
inline std::vector<Arguments> rows_without_times(const std::filesystem::path& path) {
  std::vector<Arguments> rows;
  std::istringstream text(read_text(path));
  std::ptrdiff_t dropped = -1;
  for (std::string line; std::getline(text, line);) {
    Arguments fields;
    std::istringstream cells(line.substr(0, line.find('\r')));
    for (std::string cell; std::getline(cells, cell, ',');) fields.push_back(cell);
    if (rows.empty()) {
      const auto found = std::find(fields.begin(), fields.end(), "wall_seconds");
      if (found != fields.end()) dropped = found - fields.begin();
    }
    if (dropped >= 0) fields.erase(fields.begin() + dropped);
    rows.push_back(fields);
  }
  return rows;
}

// The summary without what may differ from run to run: times, and the machine and the command.
inline nlohmann::json summary_without_times(const std::filesystem::path& path) {
  auto summary = nlohmann::json::parse(read_text(path));
  for (const char* key : {"wall_seconds", "trial_seconds", "provenance"}) summary.erase(key);
  return summary;
}

// Everything that a study found, bit for bit: numbers are written in as many digits as they have.
struct Findings {
  std::vector<Arguments> trials, curves;
  nlohmann::json summary;
  bool operator==(const Findings&) const = default;
};

inline Findings findings(const std::filesystem::path& directory) {
  return {rows_without_times(directory / "trials.csv"),
          rows_without_times(directory / "curves.csv"),
          summary_without_times(directory / "summary.json")};
}

// How many trials are stored; none while there is no study yet.
inline std::size_t stored_trials(const std::filesystem::path& directory) {
  try {
    return read_study_file(directory / "study.db").trials.size();
  } catch (const Error&) {
    return 0;
  }
}

// Whether a study was begun there: one may be killed before it is a file that says so.
inline bool is_study(const std::filesystem::path& directory) {
  try {
    read_study_file(directory / "study.db");
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace etalon::testing
