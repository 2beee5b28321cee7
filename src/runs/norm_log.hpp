// Gradient norms out of a table: which columns they are in, and what the rows hold.
//
// Three forms are known, asked for by naming columns or told by their names, in this order:
//   pairs   the norms of a small and of a big batch at the same weights, and their batch sizes, as
//           nanoGNS logs them: ddp/small_batch_norm, ddp/big_batch_norm, ddp/small_batch_size, ...
//   layers  the same of every parameter by itself, as nanoGNS logs them: NAME/norm of the batch,
//           NAME/pegn of its single examples (root mean square), NAME/batch_size; beside pairs,
//           or alone, where their sums are the pairs
//   norms   one gradient norm a row and its batch size: grad_norm, batch_size
//   ratios  a noise scale that a program logged: train/noise_scale
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "etalon/noise_scale.hpp"
#include "runs/run_source.hpp"
#include "runs/table.hpp"

namespace etalon {

// What the user named; what is empty is to be guessed. A batch size is a column or a number.
struct RequestedNorms {
  std::optional<std::string> small_norm, big_norm, small_batch_size, big_batch_size;
  std::optional<std::string> norm, batch_size;
  std::optional<bool> squared;  // whether the norms are; empty: where their name says so
  std::vector<std::string> where;
  // Rows are of runs that train, by the column kNormRun: only the first of each is at the weights
  // that it began with. Not the user's to say.
  bool is_of_runs = false;
};

inline constexpr const char* kNormRun = "run";
inline constexpr const char* kNormStep = "step";

// Whether a column of this name may be needed.
bool is_wanted_of_norms(const std::string& column, const RequestedNorms& requested);

struct LayerPairs {
  std::string layer;
  std::vector<NormPair> pairs;
};
struct PairLog {
  std::vector<NormPair> pairs;
  std::vector<std::string> places;  // of the rows: "line 2"
  std::vector<LayerPairs> layers{};
};
struct SingleLog {
  std::vector<BatchNorm> norms;
};
struct RatioLog {
  std::string column;
  std::vector<double> ratios;
};
using NormLog = std::variant<PairLog, SingleLog, RatioLog>;

// Of a norm that a program printed. Throws InputError for one that is negative.
double squared_norm(double norm, bool is_squared);

// Rows where all of the columns are blank are left out, as lines that log something else are.
// Throws InputError for a column that is not there, for a table without any of the forms, naming
// what is missing, and with the row's place for what is no norm or no batch size.
NormLog read_norms(const Table& table, const RequestedNorms& requested, const Say& say);

}  // namespace etalon
