// A sweep to score on: one setting (model, data, budget, optimizer) at many batch sizes, as a file
// of runs or a simulation gives it. Values only.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/atlas.hpp"
#include "etalon/optimizers.hpp"
#include "etalon/trial.hpp"
#include "runs/run_columns.hpp"

namespace etalon::bench {

using Runs = std::map<double, std::vector<Observation>>;  // by batch size

struct Setting {
  std::string name;       // "model=mlp:16 examples=16384"
  std::string optimizer;  // as the file or the user says; empty: not known
  UpdateKind update = UpdateKind::adaptive;
  Runs runs{};
  std::optional<UncorrectedStart> start{};
  HeldBudget budget = HeldBudget::examples;  // what runs at all batch sizes have in common
};

// Settings that are scored together.
struct Family {
  std::string name;
  std::vector<Setting> settings;
};

// The settings of a file, a family for each optimizer that it has. The optimizer is that of the
// file's column, else `optimizer`, else one that the file's name has in it, else taken to be
// adaptive. Columns that are not requested are guessed as `etalon fit` does, and said on stderr;
// those that state a budget tell settings apart too.
std::vector<Family> read_families(const std::filesystem::path& file,
                                  const RequestedColumns& requested, std::string_view optimizer);

}  // namespace etalon::bench
