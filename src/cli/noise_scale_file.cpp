#include "cli/noise_scale_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "cli/number_checks.hpp"
#include "core/text.hpp"

namespace etalon::cli {
namespace {

// What is wrong with the file; otherwise its number is left in `text`.
std::string take_noise_scale(std::string& text) {
  std::error_code ignored;
  std::ifstream file(text);
  if (!file || std::filesystem::is_directory(text, ignored))
    return fmt::format("'{}' is neither a number nor a file", shortened(text));
  const auto json = nlohmann::json::parse(file, nullptr, false);
  const auto found = json.is_object() ? json.find("noise_scale") : json.end();
  const bool is_answer = found != json.end() && (found->is_number() || found->is_null());
  if (!is_answer) {
    return fmt::format("'{}' is no answer of etalon noise --format json", shortened(text));
  }
  if (found->is_null()) {
    return fmt::format("the noise scale in '{}' is undefined: measure more examples",
                       shortened(text));
  }
  text = fmt::format("{}", found->get<double>());
  return "";
}

}  // namespace

CLI::Validator number_or_noise_file() {
  const auto take = [](std::string& text) -> std::string {
    std::string copy = text;
    return real_number()(copy).empty() ? "" : take_noise_scale(text);
  };
  return CLI::Validator(take, "");
}

}  // namespace etalon::cli
