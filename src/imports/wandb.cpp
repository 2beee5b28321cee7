#include "imports/wandb.hpp"

#include "imports/wandb_files.hpp"
#include "imports/wandb_log.hpp"

namespace etalon {

bool is_wandb_run(const std::filesystem::path& file) {
  return is_wandb_log(file) || is_wandb_text(file);
}

void read_wandb_run(const std::filesystem::path& file, const HearRun& hear) {
  if (file.extension() == ".wandb") return read_wandb_log(file, hear);
  read_wandb_text(file, hear);
}

}  // namespace etalon
