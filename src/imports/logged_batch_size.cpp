#include "imports/logged_batch_size.hpp"

#include <fmt/format.h>

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

}  // namespace

std::vector<double> batch_sizes_of(const std::vector<Cells>& rows, const std::string& source,
                                   const std::string& example, const RequestedColumns& requested) {
  const Table table = table_of(rows, source, requested);
  const BatchSizeColumns columns = batch_size_columns(table, example, requested);
  const TableColumn& first = table.column(columns.columns.front());
  std::vector<double> sizes;
  sizes.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    sizes.push_back(is_blank(first.at(row)) ? 0.0 : columns.at(table, row));
  }
  return sizes;
}

}  // namespace etalon
