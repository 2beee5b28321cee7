#include "cli/toml_arguments.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/commands.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

std::string where(const std::string& path, const toml::node& node) {
  return fmt::format("{}:{}", path, node.source().begin.line);
}

std::string scalar_text(const toml::node& node, const std::string& place) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  throw InputError("a value is neither text, number nor true/false", place,
                   "write it as the flag would be written");
}

std::string value_text(const toml::node& node, const std::string& path) {
  const auto* array = node.as_array();
  if (array == nullptr) return scalar_text(node, where(path, node));
  std::string joined;
  for (const toml::node& element : *array) {
    if (!joined.empty()) joined += ',';
    joined += scalar_text(element, where(path, element));
  }
  return joined;
}

toml::table read(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    throw InputError(error.description(), begin ? fmt::format("{}:{}", path, begin.line) : path,
                     "see https://toml.io for the format");
  }
}

}  // namespace

std::vector<std::string> toml_arguments(const CLI::App& app, const std::string& path) {
  std::vector<std::string> arguments;
  for (const auto& [key, node] : read(path)) {
    std::string flag(key.str());
    std::replace(flag.begin(), flag.end(), '_', '-');
    const CLI::Option* option = app.get_option_no_throw("--" + flag);
    if (option == nullptr || flag == "help") {
      throw InputError(fmt::format("there is no setting '{}'", key.str()), where(path, node),
                       fmt::format("{} --help lists them, with '-' for '_'", app.get_name()));
    }
    if (option->count() == 0) {
      arguments.push_back(fmt::format("--{}={}", flag, value_text(node, path)));
    }
  }
  return arguments;
}

std::optional<int> parse_with_toml(CLI::App& app, const CLI::Option& file, int argc,
                                   const char* const* argv) {
  if (const auto code = parse(app, argc, argv)) return code;
  if (file.count() == 0) return std::nullopt;
  const std::vector<std::string> from_file = toml_arguments(app, file.as<std::string>());
  std::vector<const char*> all = {argv[0]};
  for (const std::string& argument : from_file) all.push_back(argument.c_str());
  all.insert(all.end(), argv + 1, argv + argc);
  return parse(app, static_cast<int>(all.size()), all.data());
}

}  // namespace etalon::cli
