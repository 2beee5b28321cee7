#include "slurm/job_batch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// Nothing is put into it: what is run are its arguments.
constexpr const char* kScript = "#!/bin/sh\nexec \"$@\"\n";

constexpr std::array<std::string_view, 14> kOwnOptions = {
    "--array", "-a", "--comment", "--output",   "-o",          "--error", "-e",
    "--wait",  "-W", "--wrap",    "--parsable", "--test-only", "--help",  "--version"};

// sbatch replaces %a and the like in names of files.
std::string without_patterns(const std::string& path) {
  std::string text;
  for (const char c : path) text += c == '%' ? "%%" : std::string(1, c);
  return text;
}

JobBatch new_batch(const fs::path& trials) {
  std::error_code error;
  fs::create_directories(trials / "jobs", error);
  for (std::int64_t number = 1; !error; ++number) {
    const fs::path directory = batch_directory(trials, number);
    if (fs::create_directory(directory, error)) return {directory, number, 0};
  }
  throw RunError(fmt::format("cannot make a directory for jobs ({})", error.message()),
                 (trials / "jobs").string(), "free some space, or choose another directory");
}

void write_new(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw RunError("cannot write the file", path.string(), "free some space");
}

}  // namespace

fs::path batch_directory(const fs::path& trials, std::int64_t number) {
  return trials / "jobs" / fmt::format("{}", number);
}

fs::path log_of(const fs::path& trials, const JobPlace& place) {
  return batch_directory(trials, place.batch) / fmt::format("{}.log", place.index);
}

JobBatch make_batch(const fs::path& trials, const std::vector<AttemptFiles>& attempts) {
  JobBatch batch = new_batch(trials);
  nlohmann::json names = nlohmann::json::array();
  for (const AttemptFiles& each : attempts) {
    names.push_back(each.directory.lexically_relative(trials).string());
  }
  write_new(batch.directory / "attempts.json", names.dump() + '\n');
  write_new(batch.directory / "job.sh", kScript);
  batch.size = attempts.size();
  return batch;
}

std::vector<AttemptFiles> attempts_of_batch(const fs::path& directory) {
  try {
    std::ifstream file(directory / "attempts.json");
    const auto names = nlohmann::json::parse(file).get<std::vector<std::string>>();
    std::vector<AttemptFiles> attempts;
    for (const std::string& name : names) {
      attempts.emplace_back(directory.parent_path().parent_path() / name);
    }
    return attempts;
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

std::vector<std::string> submission_of(const JobBatch& batch, const std::string& study,
                                       const std::vector<std::string>& options,
                                       const std::vector<std::string>& supervisor) {
  const std::string logs = without_patterns(batch.directory.string());
  const std::string log = logs + (batch.size > 1 ? "/%a.log" : "/0.log");
  std::vector<std::string> command = {"sbatch", "--parsable", "--job-name=etalon", "--requeue",
                                      "--open-mode=append"};
  for (const std::string& option : options) {
    command.push_back(option.starts_with('-') ? option : "--" + option);
  }
  command.push_back("--comment=" + comment_of(study, batch.number));
  command.push_back("--output=" + log);
  command.push_back("--error=" + log);
  if (batch.size > 1) command.push_back(fmt::format("--array=0-{}", batch.size - 1));
  command.push_back((batch.directory / "job.sh").string());
  command.insert(command.end(), supervisor.begin(), supervisor.end());
  command.push_back("--job");
  command.push_back(batch.directory.string());
  return command;
}

bool is_own_option(std::string_view option) {
  std::string name(option.substr(0, option.find('=')));
  if (!name.starts_with('-')) name = "--" + name;
  if (!name.starts_with("--")) name = name.substr(0, 2);
  return std::find(kOwnOptions.begin(), kOwnOptions.end(), name) != kOwnOptions.end();
}

std::string comment_of(const std::string& study, std::int64_t batch) {
  return fmt::format("etalon:{}:{}", study, batch);
}

std::optional<std::int64_t> batch_in(std::string_view comment, const std::string& study) {
  const std::string prefix = fmt::format("etalon:{}:", study);
  if (!comment.starts_with(prefix)) return std::nullopt;
  comment.remove_prefix(prefix.size());
  std::int64_t batch = 0;
  const auto [end, error] = std::from_chars(comment.data(), comment.data() + comment.size(), batch);
  if (error != std::errc{} || end != comment.data() + comment.size()) return std::nullopt;
  return batch;
}

}  // namespace etalon
