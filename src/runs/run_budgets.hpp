// Checks that the runs of one group have spent one budget. Not safe from several threads.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

class GroupBudget {
 public:
  // Adds a run of the group. Throws InputError naming both lines where its budget differs from that
  // of the first by more than a twentieth, and by more than one step of the larger batch size:
  // budgets are rounded to whole steps.
  void check(const Table& table, std::size_t row, const RunColumns& columns, double batch_size);

 private:
  struct Budget {
    double amount = 0.0;
    double batch_size = 0.0;
    std::size_t line = 0;
  };

  void check(const Table& table, std::size_t row, const std::string& unit, const Budget& budget);

  std::map<std::string, Budget> first_;  // by unit
};

}  // namespace etalon
