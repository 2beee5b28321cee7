#include "imports/settings_file.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/plain_settings.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLargestSettings = std::size_t{16} << 20;  // bytes

// YOLOv5 parts its settings into opt.yaml and hyp.yaml.
bool has_name_of_settings(const std::filesystem::path& file) {
  static const std::set<std::string> kNames = {
      "hparams.yaml", "hparams.yml",         "hparams.json", "config.yaml", "config.yml",
      "config.json",  "params.yaml",         "params.yml",   "params.json", "args.yaml",
      "args.yml",     "args.json",           "opt.yaml",     "hyp.yaml",    "training_args.json",
      "options.json", "hyperparameters.json"};
  return kNames.contains(file.filename().string());
}

bool is_of_wandb(const std::filesystem::path& file) {
  const std::filesystem::path directory = file.parent_path();
  const std::string run = directory.parent_path().filename().string();
  return directory.filename() == "files" &&
         (run.starts_with("run-") || run.starts_with("offline-run-"));
}

void add_json_settings(const std::string& text, const std::filesystem::path& file, LoggedRun& run) {
  const nlohmann::json json = parse_log_json(text);
  if (!json.is_object()) {
    throw InputError("the file is no JSON object", file.string(), "leave it out");
  }
  add_settings(json, run);
}

}  // namespace

bool is_settings_file(const std::filesystem::path& file) {
  return has_name_of_settings(file) && !is_of_wandb(file);
}

void read_settings_file(const std::filesystem::path& file, const HearRun& hear) {
  const std::string text = read_log_text(file, kLargestSettings);
  LoggedRun run;
  run.directory = file.parent_path();
  if (file.extension() == ".json") {
    add_json_settings(text, file, run);
  } else {
    add_dumped_settings(text, file, run);
  }
  hear(std::move(run));
}

}  // namespace etalon
