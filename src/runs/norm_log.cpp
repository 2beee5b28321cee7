#include "runs/norm_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "metrics/column_names.hpp"
#include "runs/find_columns.hpp"
#include "runs/layer_norms.hpp"
#include "runs/norm_row.hpp"
#include "runs/run_columns.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

using Words = std::vector<std::string>;

bool has_word(const Words& words, std::initializer_list<std::string_view> some) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(some.begin(), some.end(), word) != some.end();
  });
}

bool is_norm_name(const Words& words) {
  return has_word(words, {"norm", "norms", "sqnorm", "normsq", "norm2"}) &&
         !has_word(words, {"clip", "max", "weight", "weights", "param", "layer"});
}
bool is_small(const Words& words) { return has_word(words, {"small", "micro", "example"}); }
bool is_big(const Words& words) { return has_word(words, {"big", "large"}); }
bool is_size_name(const Words& words) { return has_word(words, {"size", "examples", "batch"}); }
bool says_squared(const std::string& column) {
  return has_word(words_of(column), {"sq", "squared", "square", "sqnorm", "normsq", "norm2"});
}
bool is_ratio_name(const Words& words) {
  if (is_norm_name(words)) return false;
  const bool is_scale = has_word(words, {"noise"}) && has_word(words, {"scale"});
  return is_scale || has_word(words, {"gns"}) || words == Words{"b", "simple"} ||
         words == Words{"b", "noise"};
}

class NormReading {
 public:
  NormReading(const Table& table, const RequestedNorms& requested, const Say& say)
      : table_(table), requested_(requested), say_(say) {
    for (const std::string& text : requested.where) {
      const auto [name, value] = parse_condition(text, table.name);
      where_.push_back({require_column(table, name), value});
    }
    layers_ = layer_columns(table, say);
  }

  NormLog read() const {
    if (asks_for_pairs()) return read_pairs();
    if (requested_.norm) return read_single(*requested_.norm);
    const bool has_pairs = guess(is_small_norm) && guess(is_big_norm);
    if (has_pairs) return read_pairs();
    if (!layers_.empty()) return read_layers_alone();
    const auto norm = guess(is_single_norm);
    if (norm && batch_size_column()) return read_single(*norm);
    const auto ratio = guess(is_ratio_name);
    if (ratio) return read_ratios(*ratio);
    refuse_table(norm);
  }

 private:
  static bool is_small_norm(const Words& words) { return is_norm_name(words) && is_small(words); }
  static bool is_big_norm(const Words& words) { return is_norm_name(words) && is_big(words); }
  static bool is_single_norm(const Words& words) {
    return is_norm_name(words) && !is_small(words) && !is_big(words) &&
           has_word(words, {"grad", "gradient", "gradients", "g"});
  }
  static bool is_small_size(const Words& words) {
    return !is_norm_name(words) && is_size_name(words) && is_small(words);
  }
  static bool is_big_size(const Words& words) {
    return !is_norm_name(words) && is_size_name(words) && is_big(words);
  }

  bool asks_for_pairs() const { return requested_.small_norm || requested_.big_norm; }

  // The one of fewest words, the first among equals.
  template <typename Test>
  std::optional<std::string> guess(Test test) const {
    std::optional<std::string> best;
    for (const TableColumn& column : table_.columns) {
      if (!test(words_of(column.name())) || !is_numeric(column)) continue;
      const bool is_shorter = !best || words_of(column.name()).size() < words_of(*best).size();
      if (is_shorter) best = column.name();
    }
    return best;
  }

  template <typename Test>
  std::string column_of(const std::optional<std::string>& name, Test test, const char* field,
                        const char* what) const {
    if (name) return require_column(table_, *name);
    const auto found = guess(test);
    if (!found) refuse_missing(field, what);
    say_(fmt::format("took column {} as {}", in_quotes(*found), what));
    return *found;
  }

  [[noreturn]] void refuse_missing(const char* field, const char* what) const {
    throw InputError(
        fmt::format("no column looks like {}", what), table_.name,
        fmt::format("name it by {}; there are: {}", field_name(field), column_list(table_)));
  }

  template <typename Test>
  NumberSource size_of(const std::optional<std::string>& name, Test test, const char* field,
                       const char* what) const {
    if (name && !table_.find_column(*name)) {
      if (const auto number = parse_number(*name)) {
        check_batch_size(*number, field);
        return {std::nullopt, *number};
      }
    }
    return {column_of(name, test, field, what), 0.0};
  }

  std::optional<std::string> batch_size_column() const {
    if (requested_.batch_size) return require_column(table_, *requested_.batch_size);
    for (const ColumnRole role : {ColumnRole::global_batch_size, ColumnRole::batch_size}) {
      const auto columns = columns_in_role(table_, role);
      if (!columns.empty()) return columns.front();
    }
    return std::nullopt;
  }

  bool is_squared(const std::string& column) const {
    if (requested_.squared) return *requested_.squared;
    const bool squared = says_squared(column);
    say_(fmt::format("took {} as {}; {} says otherwise", in_quotes(column),
                     squared ? "squared norms, as its name says" : "norms that are not squared",
                     field_name("norms")));
    return squared;
  }

  bool is_wanted(std::size_t row) const {
    return std::all_of(where_.begin(), where_.end(), [&](const Condition& condition) {
      return is_same_value(table_.column(condition.name).at(row), condition.value);
    });
  }

  // The rows that are wanted and hold any of what the columns are for.
  std::vector<std::size_t> rows_with(const std::vector<NumberSource>& columns) const {
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < table_.size(); ++row) {
      const bool has_none = std::all_of(columns.begin(), columns.end(), [&](const auto& each) {
        return is_blank_in(each, table_, row);
      });
      if (!has_none && is_wanted(row)) rows.push_back(row);
    }
    if (rows.empty()) {
      throw InputError("there are no rows with gradient norms", table_.name,
                       where_.empty() ? "log some first" : "correct " + field_name("where"));
    }
    return rows;
  }

  NormLog read_pairs() const {
    const std::string small =
        column_of(requested_.small_norm, is_small_norm, "small_norm", "the norm of a small batch");
    const std::string big =
        column_of(requested_.big_norm, is_big_norm, "big_norm", "the norm of a big batch");
    const NumberSource small_size = size_of(requested_.small_batch_size, is_small_size,
                                            "small_batch_size", "the size of the small batch");
    const NumberSource big_size = size_of(requested_.big_batch_size, is_big_size, "big_batch_size",
                                          "the size of the big batch");
    const bool small_squared = is_squared(small), big_squared = is_squared(big);
    PairLog log;
    for (const std::size_t row : rows_with({{small}, {big}})) {
      const NormRow values(table_, row);
      const NormPair pair = {values.batch_size(small_size),
                             values.squared_norm(small, small_squared), values.batch_size(big_size),
                             values.squared_norm(big, big_squared)};
      check_sizes(pair, row);
      log.pairs.push_back(pair);
      log.places.push_back(short_place(row));
    }
    if (!layers_.empty()) log.layers = read_layers(table_, layer_rows(), layers_, is_plain());
    return log;
  }

  // Squared only where that is asked for.
  bool is_plain() const { return !requested_.squared.value_or(false); }

  std::vector<std::size_t> layer_rows() const {
    std::vector<NumberSource> columns;
    for (const LayerColumns& each : layers_) columns.push_back({each.norm});
    return rows_with(columns);
  }

  NormLog read_layers_alone() const {
    const std::vector<std::size_t> rows = layer_rows();
    PairLog log{{}, {}, read_layers(table_, rows, layers_, is_plain())};
    say_(fmt::format("took the sum over {} as the whole gradient: what was not logged is not in it",
                     counted(std::ssize(layers_), "parameter")));
    log.pairs = summed_layers(log.layers, table_, rows);
    for (const std::size_t row : rows) log.places.push_back(short_place(row));
    return log;
  }

  std::string short_place(std::size_t row) const {
    return table_.places.empty() ? fmt::format("line {}", table_.lines[row]) : table_.places[row];
  }

  void check_sizes(const NormPair& pair, std::size_t row) const {
    if (pair.small_batch_size < pair.big_batch_size) return;
    throw InputError(fmt::format("the small batch has {:g} examples and the big one {:g}",
                                 pair.small_batch_size, pair.big_batch_size),
                     place_of(table_, row),
                     "give norms at two batch sizes, of which the small one is smaller");
  }

  NormLog read_single(const std::string& name) const {
    const std::string norm = require_column(table_, name);
    const auto batch_size = batch_size_column();
    if (!batch_size) refuse_missing("batch_size_column", "the batch size");
    say_(
        fmt::format("took column {} as the gradient norm and {} as its batch size, all at the "
                    "same weights",
                    in_quotes(norm), in_quotes(*batch_size)));
    const bool squared = is_squared(norm);
    SingleLog log;
    for (const std::size_t row : first_rows(rows_with({{norm}}))) {
      const NormRow values(table_, row);
      log.norms.push_back({values.batch_size({*batch_size}), values.squared_norm(norm, squared)});
    }
    return log;
  }

  // Of runs, the first of each, which must be one before anything was learned.
  std::vector<std::size_t> first_rows(std::vector<std::size_t> rows) const {
    if (!requested_.is_of_runs) return rows;
    std::set<std::string> seen;
    std::erase_if(rows, [&](std::size_t row) {
      return !seen.insert(table_.column(kNormRun).at(row)).second;
    });
    for (const std::size_t row : rows) check_first(row);
    say_(fmt::format("took the first norm of each of {}", counted(std::ssize(rows), "run")));
    return rows;
  }

  void check_first(std::size_t row) const {
    const double step = NormRow(table_, row).number(kNormStep);
    if (step <= 1.0) return;
    throw InputError(fmt::format("its first gradient norm is of step {:g}", step),
                     place_of(table_, row),
                     "by then it has learned: log it at step 1, or run it by etalon noise -- "
                     "COMMAND");
  }

  NormLog read_ratios(const std::string& column) const {
    say_(fmt::format("took column {} as a noise scale that was logged", in_quotes(column)));
    RatioLog log{column, {}};
    for (const std::size_t row : rows_with({{column}})) {
      const double ratio = NormRow(table_, row).number(column);
      if (std::isfinite(ratio)) log.ratios.push_back(ratio);
    }
    return log;
  }

  [[noreturn]] void refuse_table(const std::optional<std::string>& norm) const {
    if (norm) refuse_missing("batch_size_column", "the batch size of the gradient norms");
    throw InputError(
        "no columns look like gradient norms", table_.name,
        fmt::format("name them by {} and {}, or by {}; there are: {}", field_name("small_norm"),
                    field_name("big_norm"), field_name("norm_column"), column_list(table_)));
  }

  const Table& table_;
  const RequestedNorms& requested_;
  const Say& say_;
  std::vector<Condition> where_;
  std::vector<LayerColumns> layers_;
};

}  // namespace

double squared_norm(double norm, bool is_squared) {
  if (norm < 0.0) {
    throw InputError(fmt::format("a gradient norm is {:g}", norm), "",
                     "a gradient has a norm of 0 or more");
  }
  return is_squared ? norm : norm * norm;
}

bool is_wanted_of_norms(const std::string& column, const RequestedNorms& requested) {
  const Words words = words_of(column);
  const auto sense = sense_of(column);
  const bool is_batch_size = sense && (sense->role == ColumnRole::batch_size ||
                                       sense->role == ColumnRole::global_batch_size);
  if (is_norm_name(words) || is_size_name(words) || is_ratio_name(words) || is_batch_size ||
      is_layer_column(column)) {
    return true;
  }
  const auto is_named = [&](const std::optional<std::string>& name) {
    return name && words_of(*name) == words;
  };
  return is_named(requested.small_norm) || is_named(requested.big_norm) ||
         is_named(requested.small_batch_size) || is_named(requested.big_batch_size) ||
         is_named(requested.norm) || is_named(requested.batch_size) ||
         std::any_of(requested.where.begin(), requested.where.end(), [&](const std::string& text) {
           return words_of(text.substr(0, text.find('='))) == words;
         });
}

NormLog read_norms(const Table& table, const RequestedNorms& requested, const Say& say) {
  return NormReading(table, requested, say).read();
}

}  // namespace etalon
