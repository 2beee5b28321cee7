#include "imports/trainer_state.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "etalon/error.hpp"
#include "imports/json_member.hpp"
#include "imports/log_text.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTrainerState = "trainer_state.json";

// The N of checkpoint-N.
std::optional<std::int64_t> checkpoint_step(const fs::path& directory) {
  constexpr std::string_view kCheckpoint = "checkpoint-";
  const std::string name = directory.filename().string();
  if (!name.starts_with(kCheckpoint)) return std::nullopt;
  std::int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto [read, error] = std::from_chars(name.data() + kCheckpoint.size(), end, step);
  return read == end && error == std::errc() ? std::optional(step) : std::nullopt;
}

bool has_trainer_state(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / kTrainerState, ignored);
}

// Whether the run went on after this checkpoint, so that it does not say how the run ended.
bool is_superseded(const fs::path& checkpoint, std::int64_t step) {
  const fs::path run = checkpoint.parent_path();
  if (has_trainer_state(run)) return true;
  std::error_code error;
  for (fs::directory_iterator each(run.empty() ? "." : run, error);
       !error && each != fs::directory_iterator(); each.increment(error)) {
    const auto other = checkpoint_step(each->path());
    if (other && *other > step && has_trainer_state(each->path())) return true;
  }
  return false;
}

void add_trainer_settings(const nlohmann::json& state, LoggedRun& run) {
  for (const char* name : {"max_steps", "num_train_epochs"}) {
    if (is_number(json_member(state, name))) run.set(name, text_of(json_member(state, name)));
  }
  const nlohmann::json& of_process = json_member(state, "train_batch_size");
  if (is_number(of_process)) run.set("per_process_train_batch_size", text_of(of_process));
  add_settings(json_member(state, "trial_params"), run);  // of a hyperparameter search
}

// One entry has what was logged at once: {"loss": 1.5, "epoch": 0.1, "step": 10}.
void add_log_entry(const nlohmann::json& entry, LoggedRun& run) {
  const nlohmann::json& step = json_member(entry, "step");
  if (!is_number(step)) return;
  for (const auto& [name, value] : entry.items()) {
    if (name != "step" && is_number(value)) run.log(name, number_of(step), number_of(value));
  }
}

// As an early-stopping callback leaves it.
bool has_stopped_early(const nlohmann::json& state) {
  const nlohmann::json& control =
      json_member(json_member(state, "stateful_callbacks"), "TrainerControl");
  return json_member(json_member(control, "args"), "should_training_stop") == true;
}

std::string end_of_trainer(const nlohmann::json& state) {
  const nlohmann::json& done = json_member(state, "global_step");
  const nlohmann::json& planned = json_member(state, "max_steps");
  if (!is_number(done) || !is_number(planned) || !(number_of(planned) > 0.0)) return "";
  if (number_of(done) >= number_of(planned)) return "finished";
  return has_stopped_early(state) ? "early_stopped" : "unfinished";
}

}  // namespace

bool is_trainer_state(const fs::path& file) { return file.filename() == kTrainerState; }

void read_trainer_state(const fs::path& file, const HearRun& hear) {
  const nlohmann::json state = read_json(file);
  const nlohmann::json& history = json_member(state, "log_history");
  if (!history.is_array()) {
    throw InputError("the file has no log_history", file.string(), "leave it out");
  }
  const fs::path directory = file.parent_path();
  const auto step = checkpoint_step(directory);
  LoggedRun run;
  run.directory = step ? directory.parent_path() : directory;
  run.holds = {run.directory / "runs", run.directory / "logs"};  // where its event files are
  add_trainer_settings(state, run);
  for (const nlohmann::json& entry : history) add_log_entry(entry, run);
  if (!step || !is_superseded(directory, *step)) run.state = end_of_trainer(state);
  hear(std::move(run));
}

}  // namespace etalon
