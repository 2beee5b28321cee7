#include "cli/flag_names.hpp"

#include <algorithm>
#include <set>

namespace etalon::cli {
namespace {

constexpr FieldFlag kOfAllCommands[] = {
    {"dataset", "--data"},
    {"lr_center", "--lr"},
    {"first_lr", "--lr"},
    {"micro_batch_size", "--micro-batch"},
    {"budget_epochs", "--epochs"},
    {"budget_steps", "--steps"},
    {"budget_examples", "--examples"},
    {"milestones", "--milestone-epochs"},
    {"step_every", "--step-every-epochs"},
};

// Of the command that runs; empty until it has named them.
std::set<std::string>& flags_of_the_command() {
  static std::set<std::string> flags;
  return flags;
}

std::string with(std::string_view name, std::string_view characters, char other) {
  std::string text(name);
  for (char& c : text) {
    if (characters.find(c) != std::string_view::npos) c = other;
  }
  return text;
}

std::string_view exception_for(std::string_view field, std::span<const FieldFlag> exceptions) {
  const auto found =
      std::find_if(exceptions.begin(), exceptions.end(),
                   [field](const FieldFlag& exception) { return exception.field == field; });
  return found == exceptions.end() ? std::string_view() : found->flag;
}

bool exists(const std::string& flag) {
  const auto& known = flags_of_the_command();
  return known.empty() || known.contains(flag);
}

}  // namespace

void name_fields_by(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags_of_the_command().insert("--" + name);
  }
}

std::string flag_of(std::string_view field, std::span<const FieldFlag> own) {
  if (const auto flag = exception_for(field, own); !flag.empty()) return std::string(flag);
  const std::string by_rule = "--" + with(field, "_.", '-');
  const auto elsewhere = exception_for(field, kOfAllCommands);
  if (!elsewhere.empty() && exists(std::string(elsewhere))) return std::string(elsewhere);
  return exists(by_rule) ? by_rule : with(field, "_", ' ');
}

}  // namespace etalon::cli
