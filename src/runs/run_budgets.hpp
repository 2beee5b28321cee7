// Checks that the runs of one group have spent one budget: the same examples at every batch size,
// or the same steps. Not safe from several threads.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

// Whether any row sets it: -1 is "no bound" in trainers that have one in steps and one in epochs.
bool is_set_budget(const TableColumn& column);

class GroupBudget {
 public:
  // Of a run of the group. Throws InputError for a budget that is none.
  void add(const Table& table, std::size_t row, const RunColumns& columns, double batch_size);

  // Throws InputError naming both lines where budgets differ from that of the first run by more
  // than a twentieth, and by more than one step of the larger batch size: budgets are rounded to
  // whole steps. Unless they grow with the batch size as those of equal steps do.
  void check(const Table& table) const;
  // The steps of every run where they are the budget at several batch sizes: examples are not.
  std::optional<double> fixed_steps() const;

 private:
  struct Spent {
    double amount = 0.0;
    double batch_size = 0.0;
    std::size_t row = 0;
  };
  // What the runs spent in one unit, against the first of them.
  struct Unit {
    Spent first;
    std::optional<Spent> other;    // the first run that spent another amount
    bool is_by_step = true;        // the amount over the batch size is one
    bool has_batch_sizes = false;  // several
  };

  void add_one(const std::string& unit, const Spent& spent);

  std::map<std::string, Unit> units_;
  std::optional<std::string> steps_unit_;
};

}  // namespace etalon
