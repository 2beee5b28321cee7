#include "imports/logged_batch_size.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "runs/batch_size_columns.hpp"
#include "runs/find_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Of Hugging Face's trainer_state.json, which has neither devices nor accumulation.
constexpr const char* kOfOneProcess = "per_process_train_batch_size";

BatchSizeColumns batch_size_columns(const Table& table, const std::string& example,
                                    const RequestedColumns& requested) {
  if (requested.batch_is) return parse_batch_size(table, *requested.batch_is);
  if (requested.batch_size) return {{require_column(table, *requested.batch_size)}};
  std::vector<std::string> said;
  const auto guessed = guess_batch_size(table, said);
  if (guessed && guessed->columns == std::vector<std::string>{kOfOneProcess}) {
    throw InputError(
        "the runs say how many examples one process takes at once, not how many "
        "there are in all",
        table.name,
        fmt::format("say {} '{}*8' where eight processes and micro-steps make a "
                    "batch; or, where it is in the paths of the runs, such as '{}', "
                    "{}",
                    field_name("batch_is"), kOfOneProcess, shortened(example),
                    field_name("params_from")));
  }
  if (guessed) return *guessed;
  throw InputError(
      "no setting of the runs looks like the batch size", table.name,
      fmt::format("name it with {}, among: {}; or, where it is in the paths of the runs, such as "
                  "'{}', say {} '(?<batch_size>[0-9]+)' with what stands around it",
                  field_name("batch_column"), column_list(table), shortened(example),
                  field_name("params_from")));
}

// The names of the settings that tell a run's batch size.
std::vector<std::string> telling_settings(const Cells& cells) {
  std::vector<std::string> names;
  for (const auto& [name, text] : cells) {
    const bool tells =
        has_role(name, {ColumnRole::global_batch_size, ColumnRole::batch_size,
                        ColumnRole::device_batch_size, ColumnRole::accumulation,
                        ColumnRole::processes, ColumnRole::devices, ColumnRole::nodes});
    if (tells && parse_number(text)) names.push_back(name);
  }
  return names;
}

using RowsOfTools = std::map<std::vector<std::string>, std::vector<std::size_t>>;

RowsOfTools part_by_settings(const std::vector<Cells>& rows) {
  RowsOfTools parts;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> settings = telling_settings(rows[row]);
    if (!settings.empty()) parts[std::move(settings)].push_back(row);
  }
  return parts;
}

std::vector<double> sizes_of(const Table& table, const BatchSizeColumns& columns) {
  const TableColumn& first = table.column(columns.columns.front());
  std::vector<double> sizes;
  sizes.reserve(table.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    sizes.push_back(is_blank(first.at(row)) ? 0.0 : columns.at(table, row));
  }
  return sizes;
}

// Of runs that tell it by the same settings. Nothing where these do not suffice.
void add_sizes(std::vector<Cells>& rows, const std::vector<std::size_t>& part,
               const RequestedColumns& requested, std::vector<double>& sizes,
               std::set<std::string>& taken) {
  std::vector<Cells> own;
  own.reserve(part.size());
  for (const std::size_t row : part) own.push_back(rows[row]);
  const Table table = table_of(own, "", requested);
  std::vector<std::string> said;
  const auto columns = guess_batch_size(table, said);
  if (!columns || columns->columns == std::vector<std::string>{kOfOneProcess}) return;
  taken.insert(columns->to_text());
  const std::vector<double> found = sizes_of(table, *columns);
  for (std::size_t i = 0; i < part.size(); ++i) {
    sizes[part[i]] = found[i];
    rows[part[i]]["global_batch_size"] = fmt::format("{}", found[i]);
  }
}

}  // namespace

std::vector<double> batch_sizes_of(std::vector<Cells>& rows, const std::string& source,
                                   const std::string& example, const RequestedColumns& requested,
                                   const Say& say) {
  const bool is_named = requested.batch_is || requested.batch_size;
  const RowsOfTools parts = is_named ? RowsOfTools{} : part_by_settings(rows);
  if (parts.size() < 2) {
    const Table table = table_of(rows, source, requested);
    return sizes_of(table, batch_size_columns(table, example, requested));
  }
  std::vector<double> sizes(rows.size(), 0.0);
  std::set<std::string> taken;
  for (const auto& [settings, part] : parts) add_sizes(rows, part, requested, sizes, taken);
  say(fmt::format("took the batch size of each run from its own settings: {}",
                  fmt::join(taken, "; ")));
  return sizes;
}

}  // namespace etalon
