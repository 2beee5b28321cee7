// Values in and out of the rows of a study file.
#pragma once

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <bit>
#include <cstdint>
#include <optional>
#include <string>

#include "etalon/trial.hpp"

namespace etalon {

// Binds values from left to right and executes.
class Row {
 public:
  explicit Row(SQLite::Statement& statement) : statement_(statement) {}

  Row& operator<<(std::int64_t value) { return bind(value); }
  Row& operator<<(double value) { return bind(value); }
  Row& operator<<(const std::string& value) { return bind(value); }
  Row& operator<<(TrialState state) { return bind(std::string(to_string(state))); }
  template <typename Value>
  Row& operator<<(const std::optional<Value>& value) {
    if (value) return *this << *value;
    statement_.bind(++index_);
    return *this;
  }

  void execute() {
    statement_.exec();
    statement_.reset();
  }

 private:
  template <typename Value>
  Row& bind(const Value& value) {
    statement_.bind(++index_, value);
    return *this;
  }

  SQLite::Statement& statement_;
  int index_ = 0;
};

// A seed is stored as the signed number with the same bits.
inline std::int64_t stored_seed(std::uint64_t seed) { return std::bit_cast<std::int64_t>(seed); }
inline std::uint64_t seed_in(const SQLite::Column& column) {
  return std::bit_cast<std::uint64_t>(std::int64_t{column.getInt64()});
}

inline std::optional<double> double_in(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getDouble();
}

inline std::optional<std::int64_t> integer_in(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getInt64();
}

// Throws what reads as damage.
[[noreturn]] void fail_damaged(const std::string& what);
TrialState state_in(const SQLite::Column& column);

// Whether the values are ones that a trial can have, which `name` names ("trial 7"). Throws what
// reads as damage.
void check_stored(const std::string& name, const TrialSpec& spec, TrialState state,
                  const std::optional<double>& loss);

}  // namespace etalon
