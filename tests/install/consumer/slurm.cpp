// A program that would run another one on a cluster; nothing of a cluster is needed to say so.
#include <cstdio>
#include <etalon/slurm.hpp>

int main() {
  etalon::SlurmOptions options;
  options.options = {"--partition=gpu"};
  options.validate_jobs();
  options.options = {"--array=1-3"};  // is the runner's own
  try {
    options.validate_jobs();
  } catch (const etalon::InputError& error) {
    std::printf("%s\n", error.what());
    return 0;
  }
  return 1;
}
