// A supervisor under way, seen from the study.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "program/attempt.hpp"

namespace etalon {

// When this object goes, or its process dies, the supervisor stops its program.
class SupervisorProcess {
 public:
  // Starts `command` with the directory of the attempt as its last argument. Throws RunError.
  SupervisorProcess(std::vector<std::string> command, const AttemptFiles& files);
  ~SupervisorProcess();  // waits for it
  SupervisorProcess(const SupervisorProcess&) = delete;
  SupervisorProcess& operator=(const SupervisorProcess&) = delete;

  int descriptor() const { return ended_; }  // readable once it has ended
  void stop() const;
  void wake() const;  // should it be halted
  void kill() const;  // and its program with it, but not what that left behind
  bool has_ended();

 private:
  int spawn(const std::vector<std::string>& command, int lifeline, const std::string& log);

  pid_t process_ = 0;
  int lifeline_ = -1, ended_ = -1;
  bool reaped_ = false;
};

}  // namespace etalon
