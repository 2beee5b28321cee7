#include "cli/toml_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <string_view>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "toml/toml_file.hpp"

namespace etalon::cli {
namespace {

std::string scalar_text(const toml::node& node, const std::string& setting,
                        const std::string& place) {
  if (const auto* text = node.as_string()) {
    if (text->get().find('\0') == std::string::npos) return text->get();
    throw InputError(fmt::format("'{}' has a zero byte", setting), place, "leave it out");
  }
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  throw InputError(fmt::format("'{}' is neither text nor number", setting), place,
                   "write it as the flag would be written");
}

// true or false for a flag that takes no value, and for no other.
std::string flag_text(const toml::node& node, const std::string& setting,
                      const std::string& place) {
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw InputError(fmt::format("'{}' is neither true nor false", setting), place,
                   "write it without quotes");
}

std::string list_text(const toml::array& array, const std::string& setting,
                      const std::string& place) {
  if (array.empty()) {
    throw InputError(fmt::format("'{}' is empty", setting), place, "name at least one");
  }
  std::string joined;
  for (const toml::node& element : array) {
    if (!joined.empty()) joined += ',';
    joined += scalar_text(element, setting, place);
  }
  return joined;
}

std::string value_text(const toml::node& node, const CLI::Option& option,
                       const std::string& setting, const std::string& place) {
  if (option.get_expected_max() == 0) return flag_text(node, setting, place);
  const auto* array = node.as_array();
  if (array == nullptr) return scalar_text(node, setting, place);
  if (option.get_delimiter() == '\0') {
    throw InputError(fmt::format("'{}' is a list", setting), place, "give one value");
  }
  return list_text(*array, setting, place);
}

std::vector<std::string> texts_of(const toml::array& array, const std::string& setting,
                                  const std::string& place) {
  std::vector<std::string> texts;
  for (const toml::node& element : array) texts.push_back(scalar_text(element, setting, place));
  return texts;
}

// What the flag is given, once or for each of a list where it may be repeated.
std::vector<std::string> value_texts(const toml::node& node, const CLI::Option& option,
                                     const std::string& setting, const std::string& place) {
  const auto* array = node.as_array();
  const bool is_repeated =
      array != nullptr && option.get_expected_max() > 1 && option.get_delimiter() == '\0';
  if (is_repeated) return texts_of(*array, setting, place);
  return {value_text(node, option, setting, place)};
}

// A flag on the command line wins over the same setting in the file, and over those that it
// excludes.
bool is_overruled(const CLI::Option& option) {
  const auto& excluded = option.get_excludes();
  return option.count() > 0 || std::any_of(excluded.begin(), excluded.end(),
                                           [](const auto* other) { return other->count() > 0; });
}

// A file of settings is flat.
constexpr TomlForm kSettings = {"settings file",
                                "name a TOML file; the values of a list are separated by commas "
                                "alone",
                                "name a file of settings: name = value, line by line",
                                "write one setting a line: name = value, or name = [value, value]",
                                256};

// Runs, or a study, where settings are asked for: they are what `etalon fit` reads.
void refuse_runs(const std::string& path) {
  constexpr std::string_view kOfRuns[] = {".csv", ".tsv", ".json", ".jsonl", ".db"};
  const std::filesystem::path file(path);
  std::error_code ignored;
  const bool is_study = std::filesystem::exists(file / "study.db", ignored) ||
                        (file.extension() == ".db" && std::filesystem::exists(file, ignored));
  const bool is_table =
      std::find(std::begin(kOfRuns), std::end(kOfRuns), file.extension()) != std::end(kOfRuns);
  if (!is_study && !(is_table && std::filesystem::exists(file, ignored))) return;
  throw InputError(fmt::format("{} is {}, not a file of settings", path,
                               is_study ? "a study" : "a table of runs"),
                   "", fmt::format("etalon fit {} says what it holds", shell_quote(path)));
}

toml::table read(const std::string& path) {
  refuse_runs(path);
  return parse_toml(read_toml_file(path, kSettings), path, kSettings);
}

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string instead_of_unknown(const std::string& flag, const CLI::App& app) {
  std::vector<std::string> settings;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      if (name != "help") settings.push_back(with_underscores(name));
    }
  }
  const std::string all = fmt::format("{} --help lists them, with '-' for '_'", app.get_name());
  if (flag == "layer") return "a file of layers is a model: --model FILE.toml";
  const std::string meant = did_you_mean(flag, settings);
  return meant.empty() ? all : fmt::format("{} {}", meant, all);
}

}  // namespace

std::vector<std::string> toml_arguments(const CLI::App& app, const std::string& path,
                                        std::span<const std::string_view> others) {
  std::vector<std::string> arguments;
  std::set<std::string> seen;
  for (const auto& [key, node] : read(path)) {
    const std::string setting(key.str());
    if (std::find(others.begin(), others.end(), setting) != others.end()) continue;
    const std::string place = place_in(path, node);
    std::string flag = setting;
    std::replace(flag.begin(), flag.end(), '_', '-');
    const CLI::Option* option = app.get_option_no_throw("--" + flag);
    if (option == nullptr || flag == "help") {
      throw InputError(fmt::format("there is no setting '{}'", shortened(setting)), place,
                       instead_of_unknown(flag, app));
    }
    if (!seen.insert(option->get_lnames().front()).second) {
      throw InputError(fmt::format("'{}' is set twice", setting), place, "set it once");
    }
    for (const std::string& value : value_texts(node, *option, setting, place)) {
      if (!is_overruled(*option)) arguments.push_back(fmt::format("--{}={}", flag, value));
    }
  }
  return arguments;
}

std::optional<std::vector<std::string>> toml_texts(const std::string& path,
                                                   const std::string& key) {
  const toml::table settings = read(path);
  const toml::node* node = settings.get(key);
  if (node == nullptr) return std::nullopt;
  const std::string place = place_in(path, *node);
  const auto* array = node->as_array();
  if (array == nullptr || array->empty()) {
    throw InputError(fmt::format("'{}' is no list of words", key), place,
                     fmt::format("write {} = [\"python3\", \"train.py\", \"--lr={{lr}}\"]", key));
  }
  return texts_of(*array, key, place);
}

bool name_settings_with(const std::string& key, int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    const std::string path(argv[i]);
    const bool may_be = !path.starts_with('-') && std::filesystem::is_regular_file(path, error) &&
                        std::filesystem::file_size(path, error) <= kLargestTomlFile && !error;
    if (!may_be) continue;
    try {
      if (read(path).contains(key)) return true;
    } catch (const Error&) {
      continue;  // no settings; who wants them says so
    }
  }
  return false;
}

std::optional<int> parse_with_toml(CLI::App& app, const CLI::Option& file, int argc,
                                   const char* const* argv,
                                   std::span<const std::string_view> others) {
  if (const auto code = parse(app, argc, argv)) return code;
  if (file.count() == 0) return std::nullopt;
  const std::string path = file.as<std::string>();
  const std::vector<std::string> from_file = toml_arguments(app, path, others);
  std::vector<const char*> all = {argv[0]};
  for (const std::string& argument : from_file) all.push_back(argument.c_str());
  all.insert(all.end(), argv + 1, argv + argc);
  try {
    return parse(app, static_cast<int>(all.size()), all.data());
  } catch (const CLI::ParseError& error) {
    // The flags alone were fine.
    throw InputError(error.what(), path, fmt::format("see {} --help", app.get_name()));
  }
}

}  // namespace etalon::cli
