#include "program/attempt.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 5> kStopCauses = {"none", "asked", "timed out", "orphaned",
                                                         "replaced"};

StopCause stop_cause_of(std::string_view word) {
  for (std::size_t i = 0; i < kStopCauses.size(); ++i) {
    if (kStopCauses[i] == word) return static_cast<StopCause>(i);
  }
  return StopCause::none;
}

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <typename Value>
std::optional<Value> optional_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return std::nullopt;
  return found->get<Value>();
}

template <typename Value>
Json json_of(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

// Whole or not at all, whoever is killed. It is not flushed to the disk, which takes longer than
// all else about a short trial: one whose end a machine forgot is run again.
void replace_file(const fs::path& path, const std::string& text) {
  fs::path fresh = path;
  fresh += fmt::format(".{}", getpid());
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) fs::rename(fresh, path, error);
  if (!file || error) throw RunError("cannot write the file", path.string(), "free some space");
}

}  // namespace

AttemptFiles::AttemptFiles(const fs::path& place)
    : directory(place),
      command(place / "command.json"),
      output(place / "stdout"),
      errors(place / "stderr"),
      own(place / "out"),
      status(place / "status.json") {}

std::vector<AttemptFiles> attempts_at(const fs::path& parent, std::int64_t trial) {
  std::vector<AttemptFiles> attempts;
  std::error_code ignored;
  for (int attempt = 1;; ++attempt) {
    const fs::path directory = parent / fmt::format("{}", trial) / fmt::format("{}", attempt);
    if (!fs::is_directory(directory, ignored)) return attempts;
    attempts.emplace_back(directory);
  }
}

AttemptFiles make_attempt(const fs::path& parent, std::int64_t trial) {
  const fs::path place = parent / fmt::format("{}", trial);
  std::error_code error;
  fs::create_directories(place, error);
  for (int attempt = 1; !error; ++attempt) {
    const fs::path directory = place / fmt::format("{}", attempt);
    if (!fs::create_directory(directory, error)) continue;
    AttemptFiles files(directory);
    fs::create_directory(files.own, error);
    if (!error) return files;
  }
  throw RunError(fmt::format("cannot make a directory for a trial ({})", error.message()),
                 place.string(), "free some space, or choose another directory");
}

void write_launch(const AttemptFiles& files, const Launch& launch) {
  Json json;
  json["study"] = launch.study;
  json["arguments"] = launch.arguments;
  json["environment"] = launch.environment;
  json["unset"] = launch.unset;
  json["grace_ms"] = launch.grace.count();
  json["limit_ms"] = launch.limit ? Json(launch.limit->count()) : Json(nullptr);
  try {
    std::ofstream file(files.command, std::ios::binary);
    file << json.dump(2) << '\n';
    if (file.flush()) return;
  } catch (const Json::type_error&) {
    throw InputError("the command holds bytes that are no UTF-8", "", "rename what it names");
  }
  throw RunError("cannot write the file", files.command.string(), "free some space");
}

Launch read_launch(const AttemptFiles& files) {
  try {
    const Json json = Json::parse(contents_of(files.command));
    Launch launch;
    json.at("study").get_to(launch.study);
    json.at("arguments").get_to(launch.arguments);
    json.at("environment").get_to(launch.environment);
    json.at("unset").get_to(launch.unset);
    launch.grace = milliseconds(json.at("grace_ms").get<std::int64_t>());
    if (const auto limit = optional_of<std::int64_t>(json, "limit_ms")) {
      launch.limit = milliseconds(*limit);
    }
    if (!launch.arguments.empty()) return launch;
  } catch (const Json::exception&) {
  }
  throw InputError("there is no command to run", files.command.string(),
                   "name a directory that a study made for an attempt");
}

bool was_attempt_at(const AttemptFiles& files, const Launch& launch) {
  try {
    const Launch stored = read_launch(files);
    return stored.study == launch.study && stored.arguments == launch.arguments;
  } catch (const InputError&) {
    return false;  // the study was killed before it began
  }
}

void write_status(const AttemptFiles& files, const AttemptStatus& status) {
  Json json;
  json["exit_code"] = json_of(status.exit_code);
  json["signal"] = json_of(status.signal);
  json["error"] = status.error;
  json["stopped"] = kStopCauses[static_cast<std::size_t>(status.stopped)];
  json["seconds"] = status.seconds;
  json["peak_memory_bytes"] = status.peak_memory_bytes;
  replace_file(files.status, json.dump(2) + '\n');
}

std::optional<AttemptStatus> read_status(const AttemptFiles& files) {
  try {
    const Json json = Json::parse(contents_of(files.status));
    AttemptStatus status;
    status.exit_code = optional_of<int>(json, "exit_code");
    status.signal = optional_of<int>(json, "signal");
    json.at("error").get_to(status.error);
    status.stopped = stop_cause_of(json.at("stopped").get<std::string>());
    json.at("seconds").get_to(status.seconds);
    json.at("peak_memory_bytes").get_to(status.peak_memory_bytes);
    return status;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace etalon
