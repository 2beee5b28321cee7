#include "runs/norm_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "metrics/column_names.hpp"
#include "runs/find_columns.hpp"
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
  const bool is_scale = has_word(words, {"noise"}) && has_word(words, {"scale"});
  return is_scale || has_word(words, {"gns"}) || words == Words{"b", "simple"} ||
         words == Words{"b", "noise"};
}

// Where a number comes from in each row: a column, or the same in all.
struct NumberSource {
  std::optional<std::string> column;
  double fixed = 0.0;
};

bool is_blank_in(const NumberSource& source, const Table& table, std::size_t row) {
  return source.column && is_blank(table.column(*source.column).at(row));
}

// The values of one row, checked where they stand.
class NormRow {
 public:
  NormRow(const Table& table, std::size_t row) : table_(table), row_(row) {}

  double batch_size(const NumberSource& source) const {
    if (!source.column) return source.fixed;
    const double value = number(*source.column);
    if (!is_valid_batch_size(value)) refuse(*source.column, value, "give it from 1 to 1e15");
    return value;
  }
  double squared_norm(const std::string& column, bool squared) const {
    const double value = number(column);
    if (!std::isfinite(value) || value < 0.0) {
      refuse(column, value, "leave such rows out: a gradient has a norm of 0 or more");
    }
    return squared ? value : value * value;
  }
  double number(const std::string& column) const {
    return to_number(table_, row_, table_.column(column), "give a number, or leave the row out");
  }

 private:
  [[noreturn]] void refuse(const std::string& column, double value, std::string_view advice) const {
    throw InputError(fmt::format("{} is {:g}", in_quotes(column), value), place_of(table_, row_),
                     advice);
  }

  const Table& table_;
  const std::size_t row_;
};

class NormReading {
 public:
  NormReading(const Table& table, const RequestedNorms& requested, const Say& say)
      : table_(table), requested_(requested), say_(say) {
    for (const std::string& text : requested.where) {
      const auto [name, value] = parse_condition(text, table.name);
      where_.push_back({require_column(table, name), value});
    }
  }

  NormLog read() const {
    if (asks_for_pairs()) return read_pairs();
    if (requested_.norm) return read_single(*requested_.norm);
    const bool has_pairs = guess(is_small_norm) && guess(is_big_norm);
    if (has_pairs) return read_pairs();
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
        check_batch_size(*number, field_name(field));
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
    for (const std::size_t row : rows_with({{norm}})) {
      const NormRow values(table_, row);
      log.norms.push_back({values.batch_size({*batch_size}), values.squared_norm(norm, squared)});
    }
    return log;
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
};

}  // namespace

double squared_norm(double norm, bool is_squared) {
  if (norm < 0.0) {
    throw InputError(fmt::format("a gradient norm is {:g}", norm), "",
                     "a gradient has a norm of 0 or more");
  }
  return is_squared ? norm : norm * norm;
}

NormLog read_norms(const Table& table, const RequestedNorms& requested, const Say& say) {
  return NormReading(table, requested, say).read();
}

}  // namespace etalon
