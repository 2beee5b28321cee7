// etalon supervise DIRECTORY: runs one attempt of a program; started by a study, not by people.
// etalon supervise --job BATCH: the same in a job of a cluster.
#include <unistd.h>

#include <string_view>

#include "cli/commands.hpp"
#include "etalon/error.hpp"
#include "program/supervisor.hpp"
#include "slurm/job_supervisor.hpp"

namespace etalon::cli {

int run_supervise(int argc, const char* const* argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--job") {
    supervise_batch(argv[2]);
    return kDone;
  }
  if (argc != 2) {
    throw InputError("etalon supervise takes the directory of an attempt", "",
                     "a study with a program calls it");
  }
  supervise(AttemptFiles(argv[1]), STDIN_FILENO);
  return kDone;
}

}  // namespace etalon::cli
