// `etalon watch` beside a study, in a process of its own: nothing that its readers do touches the
// study, and the programs that the study starts inherit none of its connections.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

namespace etalon::cli {

class WatchProcess {
 public:
  // Starts it for the study in the directory, which must be there. Throws RunError.
  explicit WatchProcess(const std::string& study_directory);
  ~WatchProcess();  // ends it, once it has shown what the study came to
  WatchProcess(const WatchProcess&) = delete;
  WatchProcess& operator=(const WatchProcess&) = delete;

 private:
  pid_t process_ = -1;
};

// One where it is asked for.
std::unique_ptr<WatchProcess> watch_process(bool is_asked_for, const std::string& study_directory);

}  // namespace etalon::cli
