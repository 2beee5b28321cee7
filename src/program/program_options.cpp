#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

#include "core/text.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "etalon/program.hpp"
#include "program/line_pattern.hpp"
#include "program/program_template.hpp"

namespace etalon {

void ProgramOptions::validate() const {
  if (command.empty() || command.front().empty()) {
    throw InputError("there is no command", "", "end with -- and the command that trains");
  }
  if (metric.empty()) {
    throw InputError(fmt::format("{} is not given", field_name("metric")), "",
                     "give the name under which the program prints its loss");
  }
  const std::pair<const char*, std::optional<std::int64_t>> counts[] = {
      {"steps", steps},
      {"examples", examples},
      {"epochs", epochs},
      {"micro_batch_size", micro_batch_size},
      {"replicas", replicas}};
  for (const auto& [name, value] : counts) {
    if (!value || (*value >= 1 && *value <= kGreatestBatchSize)) continue;
    throw InputError(fmt::format("{} is {}", field_name(name), *value), "",
                     "it must be in [1, 1e15]");
  }
  if (diverged_above && !(*diverged_above > 1 && *diverged_above <= 1e9)) {
    throw InputError(fmt::format("{} is {}", field_name("diverged_above"), *diverged_above), "",
                     "it must be above 1");
  }
  if (steps && examples) {
    throw InputError(
        fmt::format("{} and {} are both given", field_name("steps"), field_name("examples")), "",
        "give one");
  }
  if (!pattern.empty()) LinePattern(pattern, metric);
  if (slots.empty()) throw InputError("there are no slots", "", "give one or more");
  ProgramTemplate{*this};
}

void ProgramOptions::check_batch_size(std::int64_t batch_size) const {
  if (examples && *examples < batch_size) {
    throw InputError(fmt::format("{} is {}, less than the batch size {}: not one step",
                                 field_name("examples"), *examples, batch_size),
                     "", "give more, or leave that batch size out");
  }
  const std::int64_t pass = pass_size();
  if (batch_size % pass == 0) return;
  throw InputError(fmt::format("batch size {} is no multiple of {}", batch_size, pass), "",
                   fmt::format("{} x {} is what one pass takes: choose batch sizes that it divides",
                               field_name("micro_batch_size"), field_name("replicas")));
}

void ProgramOptions::check_values() const {
  const std::int64_t batch_size = warmup_steps.empty() ? 1 : warmup_steps.begin()->first;
  ProgramTemplate(*this).check_values({batch_size, 1.0, 1, {}});
}

bool ProgramOptions::has_seed() const { return ProgramTemplate(*this).has("seed"); }

std::int64_t ProgramOptions::pass_size() const { return micro_batch_size.value_or(1) * replicas; }

std::string ProgramOptions::config_text() const {
  if (config.empty()) return "";
  std::ifstream file(config, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (file && text) return text.str();
  throw InputError("cannot read the template", config.string(),
                   fmt::format("name a text file with {}", field_name("config")));
}

bool ProgramOptions::mentions(const std::string& place) const {
  const auto is_in = [&](const std::string& text) {
    return text.find('{' + place + '}') != std::string::npos;
  };
  return std::any_of(command.begin(), command.end(), is_in) ||
         std::any_of(environment.begin(), environment.end(),
                     [&](const auto& variable) { return is_in(variable.second); }) ||
         is_in(config_text());
}

std::set<std::string> ProgramOptions::places() const { return ProgramTemplate(*this).places(); }

}  // namespace etalon
