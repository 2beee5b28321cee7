// trainer_state.json of Hugging Face's Trainer, in the run's directory and in each checkpoint of
// it.
//
// Its train_batch_size is what one process takes before accumulation, and neither the processes nor
// the accumulation are in it: it becomes the setting per_process_train_batch_size.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_trainer_state(const std::filesystem::path& file);
void read_trainer_state(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
