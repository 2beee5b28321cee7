#include "cli/standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>
#include <string>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "report/text_layout.hpp"

namespace etalon::cli {
void prepare_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // The lowest free number is given out: this one. Read-only, so that writing fails.
    if (fcntl(stream, F_GETFD) == -1) static_cast<void>(open("/dev/null", O_RDONLY));
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void print_message(std::string_view message) noexcept {
  try {
    std::string line(message);
    std::replace(line.begin(), line.end(), '\n', ' ');
    line = printable(line);
    // In a file or a pipe a message stays one line, as what reads it expects.
    line = isatty(STDERR_FILENO) == 1 ? paragraph(line, text_style(stderr), Tone::plain, 0, 2)
                                      : line + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
  } catch (const std::bad_alloc&) {
    std::fputs("etalon: out of memory\n", stderr);
  }
  std::fflush(stderr);
}

bool reader_has_left() noexcept {
  pollfd output{STDOUT_FILENO, 0, 0};
  return poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

void flush_standard_output() {
  std::cout.flush();
  const bool flushed = std::fflush(stdout) == 0;
  if ((flushed && std::ferror(stdout) == 0 && std::cout.good()) || reader_has_left()) return;
  throw RunError("the answer could not be written", "standard output", "check where it goes");
}

}  // namespace etalon::cli
