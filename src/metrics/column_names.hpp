// What the names of columns say. Case, blanks, hyphens, slashes and humps make no difference
// ("Batch Size", "batchSize", "batch-size"), nor do the prefixes that tools put before a setting
// ("params_lr", "config/lr"). Pure functions; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace etalon {

enum class ColumnRole {
  global_batch_size,  // what one update averages over
  batch_size,         // that, or what one device or micro-step takes
  device_batch_size,  // what one device takes in one micro-step
  accumulation,       // micro-steps an update
  processes,          // devices on all nodes
  devices,            // devices, of one node where nodes are counted
  nodes,
  lr,
  logged_lr,  // the present value of a schedule
  seed,
  state,
  exit_code,
  diverged,  // a flag
  failed,    // a flag
  optimizer,
  run,       // which run a row belongs to
  steps,     // updates
  examples,  // tokens or examples
  epochs,
  setting,  // see is_setting_name
  aside,    // names, times and measurements, which are no settings
};

struct NameSense {
  ColumnRole role;
  int rank;  // from 0, the likeliest; among the names of one role
};

// In lower case: "params_valLoss" is "params", "val", "loss".
std::vector<std::string> words_of(std::string_view name);
// None for a name that says nothing.
std::optional<NameSense> sense_of(std::string_view name);
// Whether it names what tells groups of runs apart, whatever it holds: a model, a data set. It may
// have a role beside that.
bool is_setting_name(std::string_view name);

}  // namespace etalon
