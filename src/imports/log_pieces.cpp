#include "imports/log_pieces.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {
namespace {

std::ifstream open_log(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return {};
  return std::ifstream(file, std::ios::binary);
}

std::string read_some(std::ifstream& input, std::size_t bytes) {
  std::string text(bytes, '\0');
  input.read(text.data(), std::ssize(text));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

std::string_view without_blanks(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

class LogLines {
 public:
  explicit LogLines(const std::function<void(std::string_view, std::size_t)>& hear) : hear_(hear) {}

  void take(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos;
         end = bytes.find('\n')) {
      add(bytes.substr(0, end));
      finish();
      bytes.remove_prefix(end + 1);
    }
    add(bytes);
  }

  void finish() {
    ++number_;
    const std::string_view line = without_blanks(line_);
    if (!line.empty()) hear_(line, number_);
    line_.clear();
  }

 private:
  void add(std::string_view bytes) {
    line_ += bytes.substr(0, std::min(bytes.size(), kLongestLogLine - line_.size()));
  }

  const std::function<void(std::string_view, std::size_t)>& hear_;
  std::string line_;
  std::size_t number_ = 0;
};

}  // namespace

void for_each_piece(const std::filesystem::path& file,
                    const std::function<void(std::string_view)>& hear,
                    const std::function<void(double)>& hear_share) {
  std::ifstream input = open_log(file);
  if (!input.is_open()) {
    throw InputError("the file cannot be read", file.string(), "check its rights");
  }
  std::error_code ignored;
  const double size = static_cast<double>(std::filesystem::file_size(file, ignored));
  double done = 0.0;
  std::string bytes(std::size_t{1} << 20, '\0');
  while (input.read(bytes.data(), std::ssize(bytes)), input.gcount() > 0) {
    hear(std::string_view(bytes).substr(0, static_cast<std::size_t>(input.gcount())));
    done += static_cast<double>(input.gcount());
    if (hear_share) hear_share(std::min(done / size, 1.0));
  }
}

void for_each_line(const std::filesystem::path& file,
                   const std::function<void(std::string_view, std::size_t)>& hear,
                   const std::function<void(double)>& hear_share) {
  LogLines lines(hear);
  for_each_piece(
      file, [&](std::string_view bytes) { lines.take(bytes); }, hear_share);
  lines.finish();
}

std::string read_both_ends(const std::filesystem::path& file, std::size_t bytes) {
  std::ifstream input = open_log(file);
  if (!input.is_open()) return "";
  std::string text = read_some(input, 2 * bytes);
  if (text.size() < 2 * bytes) return text;
  text.resize(text.rfind('\n', bytes) + 1);  // nothing, where the first line is not whole
  input.seekg(-static_cast<std::streamoff>(bytes), std::ios::end);
  const std::string end = read_some(input, bytes);
  return text + end.substr(std::min(end.find('\n'), end.size() - 1) + 1);
}

}  // namespace etalon
