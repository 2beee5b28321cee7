// One of Slurm's commands under way: started without a shell, heard without waiting.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace etalon {

class ToolRun {
 public:
  // Without the variables by which a job that this process runs in, or squeue's settings, would
  // change what it does. Throws RunError where there is no such command.
  explicit ToolRun(const std::vector<std::string>& command);
  ~ToolRun();  // kills it
  ToolRun(const ToolRun&) = delete;
  ToolRun& operator=(const ToolRun&) = delete;

  int descriptor() const { return ended_; }  // readable once it has ended
  bool has_ended();                          // kills what takes longer than two minutes

  // Of one that has ended.
  bool went_well() const { return exit_code_ == 0; }
  std::string output() const;
  std::string errors() const;  // on one line, beginning with its name

 private:
  const std::string name_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  pid_t process_ = 0;
  int output_ = -1, errors_ = -1, ended_ = -1;
  bool reaped_ = false;
  int exit_code_ = -1;
};

}  // namespace etalon
