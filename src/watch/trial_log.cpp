#include "watch/trial_log.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "etalon/error.hpp"
#include "program/attempt.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kEnd = 1 << 16;

// From the first whole line of the last 64 KiB on.
std::string end_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || !fs::is_regular_file(path, error)) return "";
  const std::uintmax_t begin = size > kEnd ? size - kEnd : 0;
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(begin));
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t line = begin > 0 ? text.find('\n') : std::string::npos;
  return line == std::string::npos ? text : text.substr(line + 1);
}

nlohmann::ordered_json command_json(const AttemptFiles& files) {
  try {
    return read_launch(files).arguments;
  } catch (const Error&) {
    return nlohmann::ordered_json::array();
  }
}

}  // namespace

nlohmann::ordered_json trial_log_json(const fs::path& study_directory, std::int64_t trial) {
  nlohmann::ordered_json attempts = nlohmann::ordered_json::array();
  for (const AttemptFiles& files : attempts_at(study_directory / "trials", trial)) {
    attempts.push_back({{"directory", files.directory.lexically_relative(study_directory).string()},
                        {"command", command_json(files)},
                        {"stdout", end_of(files.output)},
                        {"stderr", end_of(files.errors)}});
  }
  return {{"attempts", std::move(attempts)}};
}

}  // namespace etalon
