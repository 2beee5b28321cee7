#include "imports/wandb_log.hpp"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/wandb_directory.hpp"
#include "imports/wandb_records.hpp"
#include "imports/wandb_values.hpp"
#include "metrics/protobuf_fields.hpp"

namespace etalon {
namespace {

// HistoryItem, ConfigItem and SummaryItem alike: key = 1, nested_key = 2, value_json = 16.
struct WandbItem {
  std::string name;
  nlohmann::json value;
};

WandbItem read_item(std::string_view message, char separator) {
  WandbItem item{"", nlohmann::json(nlohmann::json::value_t::discarded)};
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    if (field->is_message(1)) item.name = field->bytes;
    if (field->is_message(2)) {
      if (!item.name.empty()) item.name += separator;
      item.name += field->bytes;
    }
    if (field->is_message(16)) item.value = parse_log_json(field->bytes);
  }
  return item;
}

// The items of field 1.
std::vector<WandbItem> read_items(std::string_view message, char separator) {
  std::vector<WandbItem> items;
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    if (field->is_message(1)) items.push_back(read_item(field->bytes, separator));
  }
  return items;
}

// The first field of this number that is a number; 0 where there is none, as protobuf has it.
std::uint64_t number_field(std::string_view message, std::uint64_t number) {
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    if (field->is(number, Wire::varint)) return field->value;
  }
  return 0;
}

// What the records of a run add up to.
class WandbRun {
 public:
  // Record: history = 2, summary = 3, config = 5, metric = 12, run = 17, exit = 18.
  void take(std::string_view record) {
    ProtobufFields fields(record);
    while (const auto field = fields.next()) {
      if (field->is_message(2)) take_history(field->bytes);
      if (field->is_message(3)) take_summary(field->bytes);
      if (field->is_message(5)) take_config(field->bytes);
      if (field->is_message(12)) take_metric(field->bytes);
      if (field->is_message(17)) take_run(field->bytes);
      if (field->is_message(18)) take_exit(field->bytes);
    }
  }

  // `directory` is where the run lies. Ids are of a project.
  LoggedRun finish(const std::filesystem::path& directory) {
    set_wandb_directory(directory, run_);
    if (!id_.empty()) run_.id = id_;
    const auto project = about_.find("project");
    if (!run_.id.empty() && project != about_.end()) run_.id = project->second + '/' + run_.id;
    if (last_step_ < 0.0) last_step_ = 0.0;
    for (const auto& [name, value] : summary_) {
      LoggedRun ending;
      log_wandb_value(name, value, last_step_, ending);
      for (auto& curve : ending.curves) run_.curves.insert(std::move(curve));
    }
    for (const auto& [name, text] : about_) run_.settings.try_emplace(name, text);
    return std::move(run_);
  }

 private:
  // HistoryRecord: item = 1, step = 2; HistoryStep: num = 1. Older versions have an item "_step".
  void take_history(std::string_view history) {
    const std::vector<WandbItem> items = read_items(history, '/');
    const double step = step_of(history, items);
    for (const WandbItem& item : items) log_wandb_value(item.name, item.value, step, run_);
    last_step_ = step;
  }

  double step_of(std::string_view history, const std::vector<WandbItem>& items) const {
    for (const WandbItem& item : items) {
      const auto step = item.name == "_step" ? wandb_step(item.value) : std::nullopt;
      if (step) return *step;
    }
    ProtobufFields fields(history);
    while (const auto field = fields.next()) {
      if (field->is_message(2)) return static_cast<double>(number_field(field->bytes, 1));
    }
    return last_step_ + 1.0;
  }

  // SummaryRecord and ConfigRecord: update = 1.
  void take_summary(std::string_view summary) {
    for (WandbItem& item : read_items(summary, '/')) {
      if (item.name == "_step") last_step_ = wandb_step(item.value).value_or(last_step_);
      summary_[item.name] = std::move(item.value);
    }
  }
  void take_config(std::string_view config) {
    for (const WandbItem& item : read_items(config, '.')) {
      set_wandb_value(item.name, item.value, run_);
    }
  }

  // MetricRecord: name = 1, goal = 8 (1 to minimize, 2 to maximize).
  void take_metric(std::string_view metric) {
    const std::uint64_t goal = number_field(metric, 8);
    ProtobufFields fields(metric);
    while (const auto field = fields.next()) {
      if (!field->is_message(1) || goal == 0 || goal > 2) continue;
      run_.directions[std::string(field->bytes)] = goal == 1 ? "min" : "max";
    }
  }

  // RunRecord: run_id = 1, project = 3, config = 4, summary = 5, display_name = 8.
  void take_run(std::string_view run) {
    ProtobufFields fields(run);
    while (const auto field = fields.next()) {
      if (field->is_message(1)) id_ = field->bytes;
      if (field->is_message(3)) about_["project"] = field->bytes;
      if (field->is_message(4)) take_config(field->bytes);
      if (field->is_message(5)) take_summary(field->bytes);
      if (field->is_message(8)) about_["run_name"] = field->bytes;
    }
  }

  // RunExitRecord: exit_code = 1.
  void take_exit(std::string_view exit) {
    run_.state = number_field(exit, 1) == 0 ? "finished" : "failed";
  }

  LoggedRun run_;
  std::string id_;
  std::map<std::string, std::string> about_;  // settings where the configuration has none
  std::map<std::string, nlohmann::json> summary_;
  double last_step_ = -1.0;
};

}  // namespace

bool is_wandb_log(const std::filesystem::path& file) {
  return file.extension() == ".wandb" &&
         read_beginning(file, kWandbMark.size()).starts_with(kWandbMark);
}

void read_wandb_log(const std::filesystem::path& file, const HearRun& hear) {
  std::ifstream input(file, std::ios::binary);
  if (!input) throw InputError("the file cannot be read", file.string(), "check its rights");
  WandbRun run;
  std::error_code ignored;
  const double size = static_cast<double>(std::filesystem::file_size(file, ignored));
  WandbRecords records([&](std::string_view record) {
    run.take(record);
    hear.note_share(static_cast<double>(input.tellg()) / size);
  });
  records.read(input);
  LoggedRun whole = run.finish(file.parent_path());
  hear(std::move(whole));
  if (records.damage().empty()) return;
  throw InputError(records.damage(), file.string(), "what is before that was read");
}

}  // namespace etalon
