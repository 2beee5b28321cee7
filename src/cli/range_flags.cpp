#include "cli/range_flags.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cli/choices.hpp"
#include "cli/number_checks.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

constexpr std::int64_t kMostRestarts = 1000;

}  // namespace

void add_range_answer_flags(CLI::App& app, RangeAnswerFlags& flags) {
  app.option_defaults()->group("The answer");
  app.add_option("--restarts", flags.restarts,
                 "From as many initial weights, whose spread is the interval")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--seed", flags.seed, "Of the first; the others follow it")
      ->check(natural_number())
      ->capture_default_str();
  app.add_option("--level", flags.level, "Coverage of intervals, in (0, 1)")
      ->check(coverage())
      ->capture_default_str();
  app.add_option("--format", flags.format, "What is printed: table or json")
      ->transform(one_of({"table", "json"}))
      ->capture_default_str();
  app.add_flag("--quiet", flags.quiet, "Show no progress");
}

std::vector<std::uint64_t> seeds_of(const RangeAnswerFlags& flags) {
  if (flags.restarts < 1 || flags.restarts > kMostRestarts) {
    throw InputError(fmt::format("--restarts is {}", flags.restarts), "",
                     "it must be in [1, 1000]");
  }
  std::vector<std::uint64_t> seeds;
  for (std::int64_t i = 0; i < flags.restarts; ++i) {
    seeds.push_back(flags.seed + static_cast<std::uint64_t>(i));
  }
  return seeds;
}

void deliver_range(const RangeAnswer& answer, const RangeAnswerFlags& flags) {
  const std::string text =
      flags.format == "json" ? range_json(answer) + '\n' : range_table(answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
}

}  // namespace etalon::cli
