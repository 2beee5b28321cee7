#include "report/display.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>

#include "core/plain_number.hpp"

namespace etalon {

std::string display_lr(double lr) { return rounded_number(lr, 3); }

std::string display_loss(double loss) {
  const double size = std::abs(loss);
  return size >= 999.5 && size < 1e7 ? rounded_number(loss, 4) : fmt::format("{:#.4g}", loss);
}

std::string display_interval(const std::optional<double>& low, const std::optional<double>& high) {
  if (low && high) return fmt::format("{} to {}", display_lr(*low), display_lr(*high));
  if (low) return fmt::format("{} or more", display_lr(*low));
  if (high) return fmt::format("up to {}", display_lr(*high));
  return "unbounded";
}

std::string display_duration(double seconds) {
  const auto whole = static_cast<long long>(std::llround(std::fmax(0.0, seconds)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

bool wants_color(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* term = std::getenv("TERM");
  if (term != nullptr && std::string_view(term) == "dumb") return false;
  return isatty(fileno(stream)) == 1;
}

std::size_t terminal_width(std::FILE* stream, std::size_t otherwise) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

}  // namespace etalon
