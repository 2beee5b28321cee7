#include "cli/number_checks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <string>

#include "cli/cli11.hpp"
#include "etalon/bounds.hpp"

namespace etalon::cli {
namespace {

// CLI11 alone reads 010 as eight, -1 as 2^64 - 1 where it is unsigned, and an empty text as 0.
template <typename Number>
CLI::Validator check(const char* kind) {
  const auto refuse = [kind](const std::string& text) -> std::string {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool octal = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
    if (error == std::errc::result_out_of_range) return fmt::format("'{}' is out of range", text);
    if (error == std::errc{} && stop == end && !octal) return "";
    return fmt::format("'{}' is not {}", text, kind);
  };
  return CLI::Validator(refuse, "");
}

}  // namespace

CLI::Validator whole_number() { return check<std::int64_t>("a whole number"); }

CLI::Validator natural_number() { return check<std::uint64_t>("a whole number from 0 on"); }

CLI::Validator real_number() { return check<double>("a number"); }

CLI::Validator number_in(const Interval& interval, const std::string& range) {
  const auto refuse = [interval, range](const std::string& text) -> std::string {
    std::string copy = text;
    if (std::string refusal = real_number()(copy); !refusal.empty()) return refusal;
    double number = 0.0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return interval.contains(number) ? "" : fmt::format("'{}' is not {}", text, range);
  };
  return CLI::Validator(refuse, "");
}

CLI::Validator batch_size() {
  return number_in({.least = 1.0, .most = static_cast<double>(kGreatestBatchSize)},
                   "from 1 to 1e15");
}

CLI::Validator coverage() { return number_in(kInnerShare, "above 0 and below 1"); }

CLI::Option* add_real_numbers(CLI::App& app, const std::string& flag, std::vector<double>& values,
                              const std::string& what) {
  return app.add_option(flag, values, what)
      ->allow_extra_args(false)
      ->check(real_number())
      ->delimiter(',');
}

}  // namespace etalon::cli
