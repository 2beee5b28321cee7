#include "runs/layer_norms.hpp"

#include <algorithm>
#include <set>

#include "runs/find_columns.hpp"
#include "runs/norm_row.hpp"

namespace etalon {
namespace {

constexpr std::string_view kOfExamples = "/pegn", kOfBatch = "/norm", kSize = "/batch_size";
// Of GPT, whose token embedding is its output layer.
constexpr std::string_view kTied[] = {"wte", "lm_head"};

bool is_tied(const std::string& column) {
  return std::any_of(std::begin(kTied), std::end(kTied),
                     [&](std::string_view name) { return column.find(name) != std::string::npos; });
}

std::string last_part(const std::string& name) { return name.substr(name.rfind('/') + 1); }

LayerColumns columns_named(const Table& table, const std::string& base) {
  LayerColumns columns{base, base + std::string(kOfBatch), base + std::string(kOfExamples),
                       base + std::string(kSize)};
  for (const std::string& name : {columns.norm, columns.batch_size}) {
    if (table.find_column(name)) continue;
    throw InputError(
        fmt::format("{} has no {} beside it", in_quotes(columns.pegn), in_quotes(name)), table.name,
        "log norm, pegn and batch_size of each parameter");
  }
  return columns;
}

// Without what comes before the last '/', where that tells all apart.
void shorten_names(std::vector<LayerColumns>& layers) {
  std::set<std::string> names;
  for (const LayerColumns& each : layers) names.insert(last_part(each.layer));
  if (names.size() < layers.size()) return;
  for (LayerColumns& each : layers) each.layer = last_part(each.layer);
}

}  // namespace

bool is_layer_column(const std::string& column) {
  return column.ends_with(kOfExamples) || column.ends_with(kOfBatch) || column.ends_with(kSize);
}

std::vector<LayerColumns> layer_columns(const Table& table, const Say& say) {
  std::vector<LayerColumns> layers;
  std::vector<std::string> tied;
  for (const TableColumn& column : table.columns) {
    if (!column.name().ends_with(kOfExamples)) continue;
    const std::string base = column.name().substr(0, column.name().size() - kOfExamples.size());
    if (is_tied(base)) {
      tied.push_back(base);
    } else {
      layers.push_back(columns_named(table, base));
    }
  }
  shorten_names(layers);
  if (!tied.empty() && !layers.empty()) {
    say(fmt::format("left out {}, which the output layer shares", quoted_list(tied)));
  }
  return layers;
}

std::vector<LayerPairs> read_layers(const Table& table, std::span<const std::size_t> rows,
                                    std::span<const LayerColumns> columns, bool are_plain) {
  std::vector<LayerPairs> layers;
  for (const LayerColumns& each : columns) {
    LayerPairs& layer = layers.emplace_back(LayerPairs{each.layer, {}});
    for (const std::size_t row : rows) {
      const NormRow values(table, row);
      layer.pairs.push_back({1.0, values.squared_norm(each.pegn, !are_plain),
                             values.batch_size({each.batch_size}),
                             values.squared_norm(each.norm, !are_plain)});
    }
  }
  return layers;
}

std::vector<NormPair> summed_layers(std::span<const LayerPairs> layers, const Table& table,
                                    std::span<const std::size_t> rows) {
  std::vector<NormPair> sums;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    NormPair sum{1.0, 0.0, layers.front().pairs[i].big_batch_size, 0.0};
    for (const LayerPairs& layer : layers) {
      const NormPair& pair = layer.pairs[i];
      sum.small_squared_norm += pair.small_squared_norm;
      sum.big_squared_norm += pair.big_squared_norm;
      if (pair.big_batch_size == sum.big_batch_size) continue;
      throw InputError(fmt::format("parameters have batch sizes {:g} and {:g}", sum.big_batch_size,
                                   pair.big_batch_size),
                       place_of(table, rows[i]), "log those of one batch in a row");
    }
    sums.push_back(sum);
  }
  return sums;
}

}  // namespace etalon
