#include "imports/event_log.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "etalon/error.hpp"
#include "imports/log_pieces.hpp"
#include "imports/log_text.hpp"
#include "metrics/event_records.hpp"
#include "metrics/event_scalars.hpp"
#include "metrics/protobuf_fields.hpp"

namespace etalon {
namespace {

constexpr std::string_view kStart = "_hparams_/session_start_info";
constexpr std::string_view kEnd = "_hparams_/session_end_info";
constexpr std::string_view kArguments = "args/text_summary";

constexpr std::string_view kMark = ".tfevents.";

// The seconds in "events.out.tfevents.1700000000.host.1.0", of ten digits for long.
std::string beginning_of(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::size_t mark = name.find(kMark);
  if (mark == std::string::npos) return "";
  const std::size_t begin = mark + kMark.size();
  return name.substr(begin, name.find_first_not_of("0123456789", begin) - begin);
}

// The first field of this number, as bytes; empty where there is none.
std::string_view message_in(std::string_view message, std::uint64_t number) {
  ProtobufFields fields(message);
  while (const auto field = fields.next()) {
    if (field->is_message(number)) return field->bytes;
  }
  return {};
}

// google.protobuf.Value: number_value = 2, string_value = 3, bool_value = 4.
std::string text_of_value(std::string_view value) {
  ProtobufFields fields(value);
  while (const auto field = fields.next()) {
    if (field->is(2, Wire::fixed64)) return fmt::format("{}", field->as_double());
    if (field->is_message(3)) return std::string(field->bytes);
    if (field->is(4, Wire::varint)) return field->value != 0 ? "true" : "false";
  }
  return "";
}

// SessionStartInfo: hparams = 1, a map; its entries: key = 1, value = 2.
void add_hyperparameters(std::string_view start, LoggedRun& run) {
  ProtobufFields fields(start);
  while (const auto field = fields.next()) {
    if (!field->is_message(1)) continue;
    run.set(message_in(field->bytes, 1), text_of_value(message_in(field->bytes, 2)));
  }
}

// SessionEndInfo: status = 1.
void add_status(std::string_view end, LoggedRun& run) {
  static constexpr std::string_view kStates[] = {"", "success", "failure", "running"};
  ProtobufFields fields(end);
  while (const auto field = fields.next()) {
    if (field->is(1, Wire::varint) && field->value < std::size(kStates)) {
      run.state = kStates[field->value];
    }
  }
}

// Summary.Value: tag = 1, tensor = 8, metadata = 9; SummaryMetadata: plugin_data = 1, whose content
// = 2; HParamsPluginData: session_start_info = 3, session_end_info = 4; TensorProto: string_val
// = 8.
void add_value(std::string_view value, LoggedRun& run) {
  const std::string_view tag = message_in(value, 1);
  const std::string_view content = message_in(message_in(message_in(value, 9), 1), 2);
  if (tag == kStart) add_hyperparameters(message_in(content, 3), run);
  if (tag == kEnd) add_status(message_in(content, 4), run);
  if (tag == kArguments) add_settings(parse_log_json(message_in(message_in(value, 8), 8)), run);
}

// Event: summary = 5; Summary: value = 1.
void add_event(std::string_view event, LoggedRun& run) {
  const auto scalars = scalars_of_event(event);  // `step` first
  for (std::size_t i = 1; i < scalars.size(); ++i) {
    run.log(scalars[i].name, scalars.front().value, scalars[i].value);
  }
  ProtobufFields values(message_in(event, 5));
  while (const auto value = values.next()) {
    if (value->is_message(1)) add_value(value->bytes, run);
  }
}

}  // namespace

bool is_event_log(const std::filesystem::path& file) {
  return file.filename().string().find(kMark) != std::string::npos;
}

void read_event_log(const std::filesystem::path& file, const HearRun& hear) {
  LoggedRun run;
  run.directory = file.parent_path();
  run.begun = beginning_of(file);
  EventRecords records([&](std::string_view event) { add_event(event, run); });
  for_each_piece(
      file, [&](std::string_view bytes) { records.take(bytes); },
      [&](double share) { hear.note_share(share); });
  hear(std::move(run));
  if (records.damage().empty()) return;
  throw InputError(records.damage(), file.string(), "what is before that was read");
}

}  // namespace etalon
