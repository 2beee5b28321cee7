// The metrics in a line of a program's output, in the forms that training programs use:
//
//   {"step": 10, "val_loss": 2.1}                    JSON, with bare NaN and Infinity as Python
//   does
//   {'eval_loss': 2.1, 'epoch': 0.5}                 a Python dict; inner dicts give "outer/inner"
//   step 250: train loss 1.9, val loss 2.1           name and number, with or without a colon
//   loss=0.52 acc: 81.5%                             name=value, name: value; a unit is left out
//   Epoch [3/10], Step [100/600], Loss: 1,234.5      brackets after an epoch or step; thousands
//   9/20 [00:01<00:02, 7.5it/s, loss=0.5]            a progress bar
//
// Text in front of a dict (a log's prefix) does not matter. Pure functions; never throw.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace etalon {

struct NamedValue {
  std::string name;
  double value = 0.0;  // may be NaN or infinite
};

// In the order of the line; names that are not followed by a number are left out, and so are
// numbers without a name.
std::vector<NamedValue> metrics_in(std::string_view line);

// Whether two names are one metric, apart from case and what joins words: "val loss", "val_loss"
// and "Val/Loss" are.
bool same_metric(std::string_view a, std::string_view b);

}  // namespace etalon
