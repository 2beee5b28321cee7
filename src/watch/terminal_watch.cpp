#include "watch/terminal_watch.hpp"

#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "watch/board.hpp"
#include "watch/terminal_view.hpp"
#include "watch/watcher.hpp"

namespace etalon {
namespace {

constexpr const char* kFromTheTop = "\x1b[H\x1b[J";
constexpr std::chrono::milliseconds kBetweenPictures(500);

}  // namespace

void watch_in_terminal(const std::filesystem::path& study, const Evaluate& evaluate,
                       std::FILE* stream, const StopFlag& stop) {
  Board board;
  Watcher watcher(study, evaluate, board);
  watcher.check();
  const bool redraws = isatty(fileno(stream)) == 1;
  while (!stop.requested()) {
    if (watcher.look()) {
      const std::string text = watcher.picture(terminal_style(stream));
      if (redraws) std::fputs(kFromTheTop, stream);
      std::fwrite(text.data(), 1, text.size(), stream);
      std::fflush(stream);
    }
    if (!redraws || watcher.is_complete()) return;
    std::this_thread::sleep_for(kBetweenPictures);
  }
}

}  // namespace etalon
