// The event files that TensorBoard shows: scalars; hyperparameters of the plugin "hparams", and of
// the text "args" that Hugging Face's Trainer writes. Format: metrics/event_records.hpp, and
// plugin_data.proto of tensorboard/plugins/hparams.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_event_log(const std::filesystem::path& file);
void read_event_log(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
