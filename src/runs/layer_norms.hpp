// Gradient norms of every parameter by itself, as nanoGNS (Gray 2024) logs them: NAME/norm of the
// batch, NAME/pegn of its single examples, NAME/batch_size. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "runs/norm_log.hpp"

namespace etalon {

struct LayerColumns {
  std::string layer;  // as short as it tells it from others
  std::string norm, pegn, batch_size;
};

bool is_layer_column(const std::string& column);

// In the order of the table. Embeddings that are tied to the output layer are left out, as their
// single examples are those of one of both uses alone, and said. Throws InputError where one of the
// three columns is missing.
std::vector<LayerColumns> layer_columns(const Table& table, const Say& say);

// A pair for each of `rows`. Throws InputError with the row's place for what is no norm or no batch
// size.
std::vector<LayerPairs> read_layers(const Table& table, std::span<const std::size_t> rows,
                                    std::span<const LayerColumns> columns, bool are_plain);

// Of all layers together, by row. Throws InputError where their batch sizes differ.
std::vector<NormPair> summed_layers(std::span<const LayerPairs> layers, const Table& table,
                                    std::span<const std::size_t> rows);

}  // namespace etalon
