// A real Slurm for one test: a controller and two nodes of this machine, in a directory of their
// own, gone at the end of the scope. Where Slurm is not installed there is none.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/program.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon::testing {

// True once `holds` does; false after `seconds`.
inline bool comes_true(const std::function<bool()>& holds, double seconds = 60) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

class SlurmCluster {
 public:
  // And not to be left out: ETALON_NO_SLURM is for checks that are to be the same everywhere.
  static bool is_installed() {
    return std::filesystem::exists(kController) && std::getenv("ETALON_NO_SLURM") == nullptr;
  }

  // Two nodes, n1 and n2, of `cpus` each. What is in the partition `urgent` takes them from what is
  // in `main`, which starts again.
  explicit SlurmCluster(int cpus = 4) {
    write_settings(cpus);
    setenv("SLURM_CONF", settings().c_str(), 1);
    start_controller();
    for (const std::string node : {"n1", "n2"}) start_node(node);
    if (!comes_true([] { return idle_nodes() == 2; }, 30)) {
      throw std::runtime_error("the cluster did not come up: " + controller_->wait(0).err);
    }
  }
  ~SlurmCluster() {
    run("scancel --me");
    comes_true([] { return run("squeue --me --noheader").empty(); }, 10);
    for (auto& [node, daemon] : nodes_) stop(*daemon);
    if (controller_) stop(*controller_);
    end_what_is_left();
  }
  SlurmCluster(const SlurmCluster&) = delete;
  SlurmCluster& operator=(const SlurmCluster&) = delete;

  const std::filesystem::path& directory() const { return directory_.path(); }

  // A program with an empty standard input instead of none, without which Slurm's do not work.
  static std::unique_ptr<Program> with_input(const std::vector<std::string>& words) {
    std::vector<std::string> arguments = {"-c", "exec \"$0\" \"$@\" < /dev/null"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return std::make_unique<Program>("/bin/sh", arguments);
  }

  // What a shell command prints, without its errors.
  static std::string run(const std::string& command) {
    return run_command(command + " 2>/dev/null").output;
  }

  void start_controller() { controller_ = with_input({kController, "-D", "-i"}); }
  // In peace: one that is killed has forgotten the last seconds when it comes back.
  void stop_controller() {
    stop(*controller_);
    controller_.reset();
  }

  // Slurm loses sight of the node: what runs there goes on, and nobody hears of it.
  void lose_node(const std::string& node) {
    for (const pid_t process : processes_of(node)) kill(process, SIGKILL);
    const auto lost = std::find_if(nodes_.begin(), nodes_.end(),
                                   [&](const auto& each) { return each.first == node; });
    nodes_.erase(lost);
    std::filesystem::remove(directory() / (node + ".pid"));
    run("scontrol update NodeName=" + node + " State=DOWN Reason=lost");
  }

 private:
  static constexpr const char* kController = "/usr/sbin/slurmctld";

  std::string settings() const { return (directory() / "slurm.conf").string(); }

  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    close(socket);
    return ntohs(address.sin_port);
  }

  void write_settings(int cpus) {
    const std::string user = getpwuid(geteuid())->pw_name, place = directory().string();
    std::ofstream file(settings());
    file << "ClusterName=test\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort=" << free_port()
         << "\nSlurmUser=" << user << "\nSlurmdUser=" << user
         << "\nAuthType=auth/none\nCredType=cred/none\nMpiDefault=none\nMailProg=/bin/true\n"
            "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n"
            "JobAcctGatherType=jobacct_gather/none\n"
            "AccountingStorageType=accounting_storage/none\nJobCompType=jobcomp/none\n"
            "SelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\n"
            "SlurmdParameters=config_overrides\nReturnToService=2\nKillWait=3\n"
            "SchedulerParameters=bf_interval=1,sched_interval=1\n"
         << "StateSaveLocation=" << place << "/state\nSlurmctldPidFile=" << place << "/ctld.pid\n"
         << "SlurmctldLogFile=" << place << "/ctld.log\nSlurmdPidFile=" << place << "/%n.pid\n"
         << "SlurmdSpoolDir=" << place << "/spool-%n\nSlurmdLogFile=" << place << "/%n.log\n";
    for (const std::string node : {"n1", "n2"}) {
      file << "NodeName=" << node
           << " NodeHostname=localhost NodeAddr=127.0.0.1 Port=" << free_port() << " CPUs=" << cpus
           << '\n';
    }
    file << "PreemptType=preempt/partition_prio\nPreemptMode=REQUEUE\n"
            "PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE PriorityTier=1\n"
            "PartitionName=urgent Nodes=n1,n2 MaxTime=INFINITE PriorityTier=10\n";
    std::filesystem::create_directory(directory() / "state");
  }

  void start_node(const std::string& node) {
    std::filesystem::create_directory(directory() / ("spool-" + node));
    nodes_.emplace_back(node, with_input({"/usr/sbin/slurmd", "-D", "-N", node}));
  }

  static std::ptrdiff_t idle_nodes() {
    const std::string nodes = run("sinfo --noheader --Node --partition=main --format=%t");
    std::ptrdiff_t count = 0;
    for (std::size_t at = nodes.find("idle\n"); at != std::string::npos;
         at = nodes.find("idle\n", at + 1)) {
      ++count;
    }
    return count;
  }

  static void stop(Program& daemon) {
    daemon.signal(SIGTERM);
    daemon.wait(10);
  }

  // The node's daemon and those of its jobs, which hold its spool in their arguments or are its
  // children.
  std::vector<pid_t> processes_of(const std::string& node) const {
    std::vector<pid_t> found;
    std::ifstream file(directory() / (node + ".pid"));
    for (pid_t daemon = 0; file >> daemon;) found.push_back(daemon);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
      const std::string name = entry.path().filename().string();
      const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
      if (is_process && is_step_of(entry.path(), node)) found.push_back(std::stoi(name));
    }
    return found;
  }

  // slurmstepd works in the spool of its node.
  bool is_step_of(const std::filesystem::path& process, const std::string& node) const {
    if (!read_text(process / "comm").starts_with("slurmstepd")) return false;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(process / "fd", error)) {
      const std::string target = std::filesystem::read_symlink(file.path(), error).string();
      if (target.starts_with((directory() / ("spool-" + node)).string())) return true;
      if (target == (directory() / (node + ".log")).string()) return true;
    }
    return false;
  }

  void end_what_is_left() {
    for (const std::string node : {"n1", "n2"}) {
      for (const pid_t process : processes_of(node)) kill(process, SIGKILL);
    }
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Program> controller_;
  std::vector<std::pair<std::string, std::unique_ptr<Program>>> nodes_;
};

}  // namespace etalon::testing
