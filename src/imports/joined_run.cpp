#include "imports/joined_run.hpp"

#include <algorithm>
#include <utility>

#include "metrics/column_names.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

bool tells_runs_apart(const std::string& setting) {
  static constexpr ColumnRole kRoles[] = {ColumnRole::batch_size, ColumnRole::global_batch_size,
                                          ColumnRole::device_batch_size, ColumnRole::lr,
                                          ColumnRole::seed};
  const auto sense = sense_of(setting);
  return sense && std::find(std::begin(kRoles), std::end(kRoles), sense->role) != std::end(kRoles);
}

bool are_other_numbers(const std::string& text, const std::string& other) {
  const auto number = number_that_is(text), other_number = number_that_is(other);
  return number && other_number && *number != *other_number;
}

}  // namespace

std::set<std::size_t> JoinedRun::readers() const {
  std::set<std::size_t> readers;
  for (const auto& [name, reader] : curve_readers) readers.insert(reader);
  return readers;
}

void JoinedRun::add(FoundPart found) {
  LoggedRun& part = found.part;
  const bool is_resumed = !part.id.empty() && part.id == run.id;
  run.directory = part.directory;
  run.name = part.name;
  if (run.tool.empty() && !part.curves.empty()) run.tool = part.tool;
  if (!part.id.empty()) run.id = part.id;
  if (is_resumed || run.state.empty()) run.state = part.state;
  for (auto& [name, text] : part.settings) {
    const auto owner = setting_readers.try_emplace(name, found.reader).first;
    const bool is_later = owner->second == found.reader && !part.begun.empty();
    if (is_later || !run.settings.contains(name)) run.settings[name] = std::move(text);
  }
  for (auto& [name, direction] : part.directions) run.directions[name] = direction;
  for (auto& [name, curve] : part.curves) add_curve(name, curve, found.reader);
}

void JoinedRun::add(JoinedRun other) {
  if (run.tool.empty()) run.tool = std::move(other.run.tool);
  if (run.state.empty()) run.state = std::move(other.run.state);
  run.settings.merge(other.run.settings);
  setting_readers.merge(other.setting_readers);
  run.directions.merge(other.run.directions);
  for (auto& [name, curve] : other.run.curves) {
    add_curve(name, curve, other.curve_readers.at(name));
  }
}

void JoinedRun::add_curve(const std::string& name, LoggedCurve& curve, std::size_t reader) {
  const auto owner = curve_readers.try_emplace(name, reader).first;
  if (owner->second < reader) return;
  LoggedCurve& joined = run.curves[name];
  if (owner->second > reader) joined.clear();
  owner->second = reader;
  joined.insert(joined.end(), curve.begin(), curve.end());
}

bool contradict(const LoggedRun& run, const LoggedRun& other) {
  return std::any_of(run.settings.begin(), run.settings.end(), [&](const auto& setting) {
    const auto found = other.settings.find(setting.first);
    return found != other.settings.end() && tells_runs_apart(setting.first) &&
           are_other_numbers(setting.second, found->second);
  });
}

}  // namespace etalon
