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
#include <vector>

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

namespace {

// One line, and below it what is quoted: lines that are two columns in.
std::vector<std::string> quoted_lines(std::string_view message) {
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < message.size(); ++i) {
    if (message[i] != '\n') {
      lines.back() += message[i];
    } else if (message.substr(i + 1).starts_with("  ")) {
      lines.emplace_back();
      i += 2;
    } else {
      lines.back() += ' ';
    }
  }
  return lines;
}

}  // namespace

void print_message(std::string_view message) noexcept {
  try {
    std::string text;
    for (const std::string& each : quoted_lines(message)) {
      const std::string line = printable(each);
      const std::size_t indent = text.empty() ? 0 : 2;
      // In a file or a pipe a message is not broken, as what reads it expects.
      text += isatty(STDERR_FILENO) == 1
                  ? paragraph(line, text_style(stderr), Tone::plain, indent, 2)
                  : std::string(indent, ' ') + line + '\n';
    }
    std::fwrite(text.data(), 1, text.size(), stderr);
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
