// etalon watch DIR: a study as it grows, on a page of this machine or in the terminal.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/standard_streams.hpp"
#include "cli/stored_result.hpp"
#include "core/interrupt.hpp"
#include "core/text.hpp"
#include "core/threads.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "watch/terminal_watch.hpp"
#include "watch/watch_server.hpp"
#include "watch/watcher.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kUnhurried = 5;  // as nice has it: what is watched goes first

struct WatchFlags {
  std::string study;
  std::optional<int> port;
  bool terminal = false;
  std::optional<pid_t> beside;  // a process with which it ends
};

void add_watch_flags(CLI::App& app, WatchFlags& flags) {
  app.option_defaults()->group("Watching");
  app.add_option("DIR", flags.study, "A study, by its directory or .db file, running or finished")
      ->required();
  app.add_option("--port", flags.port,
                 "Port of the page on 127.0.0.1; 0: any. Default 8571, or any where that is taken")
      ->check(whole_number());
  app.add_flag("--terminal", flags.terminal,
               "No page: the same in the terminal, drawn anew as it changes; once where standard "
               "output is none");
  app.add_option("--beside", flags.beside, "")->group("");
}

fs::path directory_of(const std::string& study) {
  std::error_code ignored;
  if (fs::is_directory(study, ignored)) return study;
  const fs::path parent = fs::path(study).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

Evaluate evaluation_of(const std::string& name) {
  return [name](const StudyFile& study) { return stored_result(study, name); };
}

WatchServerOptions server_options(const WatchFlags& flags) {
  WatchServerOptions options;
  options.may_take_another = !flags.port;
  options.port = flags.port.value_or(options.port);
  return options;
}

// Asked to stop, or the process that it is to end with has ended.
void wait_for_end(const StopFlag& stop, const std::optional<pid_t>& beside) {
  constexpr std::chrono::milliseconds kPatience(200);
  while (!stop.requested() && (!beside || getppid() == *beside)) {
    std::this_thread::sleep_for(kPatience);
  }
}

void serve_page(const WatchFlags& flags, const StopFlag& stop) {
  Board board;
  Watcher watcher(flags.study, evaluation_of(flags.study), board);
  if (!flags.beside) watcher.check();
  WatchServer server(board, directory_of(flags.study), server_options(flags));
  print_message(fmt::format("etalon: watch it at http://127.0.0.1:{}/{}", server.port(),
                            flags.beside ? "" : " (Ctrl-C ends this, not the study)"));
  StopFlag over;
  std::jthread serving = start_worker([&] { server.serve(); });
  std::jthread watching = start_worker([&] { watcher.run(over); });
  wait_for_end(stop, flags.beside);
  over.request();
  watching.join();
  board.close();
  server.stop();
}

}  // namespace

int run_watch(int argc, const char* const* argv) {
  CLI::App app(
      "Shows a study as it grows, on a page of this machine (127.0.0.1) or in the terminal.\n"
      "It reads only: whatever happens to it happens to no study.",
      "etalon watch");
  WatchFlags flags;
  add_watch_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const StopFlag& stop = interrupt_flag();
  setpriority(PRIO_PROCESS, 0, kUnhurried);  // where it cannot, it hurries
  if (flags.terminal) {
    watch_in_terminal(flags.study, evaluation_of(flags.study), stdout, stop);
  } else {
    serve_page(flags, stop);
  }
  return kDone;
}

}  // namespace etalon::cli
