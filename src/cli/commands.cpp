#include "cli/commands.hpp"

#include <fmt/format.h>

#include <cctype>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/flag_names.hpp"
#include "cli/help.hpp"
#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "report/text_layout.hpp"

namespace etalon::cli {
namespace {

constexpr FieldFlag kOfStudy[] = {
    {"path", "--out"}, {"mode resume", "--resume"}, {"mode create", "no --resume"}};
constexpr FieldFlag kOfSuggest[] = {{"batch_sizes", "--for"},
                                    {"expire_seconds", "--expire"},
                                    {"opening create", "etalon suggest STUDY --batch-size 256"}};
constexpr FieldFlag kOfTrain[] = {
    {"path", "--checkpoint"},
    {"file", "FILE"},
    {"batch_milestones", "--batch-milestone-epochs or --batch-milestone-examples"},
    {"batch_length", "--batch-ramp-epochs or --batch-ramp-examples"}};
constexpr FieldFlag kOfFit[] = {{"batch_sizes", "--to"}, {"runs", "RUNS"}};
constexpr FieldFlag kOfNoise[] = {{"norms squared", "--norms squared"},
                                  {"batch_size_column", "--batch-column"}};
constexpr FieldFlag kOfReport[] = {{"mode resume", "etalon study --resume"}};

constexpr Command kCommands[] = {
    {"scale", "move a recipe to another batch size by the published rules", run_scale, {}},
    {"check", "whether your training program is ready for a study", run_check, {}},
    {"study", "measure the best learning rate per batch size, and where rules hold", run_study,
     kOfStudy},
    {"report", "the report of a study on disk, without running anything", run_report, kOfReport},
    {"watch", "a study as it grows, on a page or in the terminal", run_watch, {}},
    {"fit", "the laws behind your runs, and learning rates where you have none", run_fit, kOfFit},
    {"noise", "how large a batch is of use: the gradient noise scale", run_noise, kOfNoise},
    {"range", "between which learning rates a training learns, in a few steps", run_range, {}},
    {"suggest", "the next trial for a program that trains by itself", run_suggest, kOfSuggest},
    {"observe", "tell what such a trial came to", run_observe, kOfSuggest},
    {"train", "run one training, from flags or from a recipe", run_train, kOfTrain},
    {"bench", "how close the engine runs to the machine's limit", run_bench, {}},
    {"supervise", "", run_supervise, {}},
};

using Arguments = std::span<const char* const>;

bool asks_for_help(Arguments arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--") break;  // what follows is another program's
    if (argument == "--help" || argument == "-h") return true;
  }
  return false;
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

// What people who come from elsewhere write.
constexpr FieldFlag kForeign[] = {{"--learning-rate", "--lr"}, {"--bs", "--batch-size"},
                                  {"--wd", "--weight-decay"},  {"--output", "--out"},
                                  {"--max-steps", "--steps"},  {"--num-epochs", "--epochs"}};

std::string letters_of(std::string_view flag) {
  std::string letters;
  std::remove_copy_if(flag.begin(), flag.end(), std::back_inserter(letters),
                      [](char c) { return c == '-' || c == '_'; });
  return letters;
}

// "did you mean --lr?", or "".
std::string meant_instead(const std::string& flag, const std::vector<std::string>& flags) {
  for (const auto& [foreign, ours] : kForeign) {
    const bool ours_exists = std::find(flags.begin(), flags.end(), ours) != flags.end();
    if (ours_exists && letters_of(foreign) == letters_of(flag)) {
      return fmt::format("did you mean {}?", ours);
    }
  }
  return did_you_mean(flag, flags);
}

// "--seeds", "-q"; but "-1" and "-" are values.
bool looks_like_a_flag(std::string_view argument) {
  const bool is_short = argument.size() > 1 && argument[0] == '-' &&
                        std::isalpha(static_cast<unsigned char>(argument[1])) != 0;
  return argument.starts_with("--") || is_short;
}

// CLI11 would say that something was left over, after it took the value for a positional.
void refuse_unknown_flags(const CLI::App& app, Arguments arguments) {
  const auto flags = flags_of(app);
  const CLI::Option* before = nullptr;
  for (const std::string_view argument : arguments) {
    if (argument == "--") return;
    const std::string flag(argument.substr(0, argument.find('=')));
    const bool is_value = before != nullptr && takes_value(*before) && !argument.starts_with("--");
    before = argument == flag ? app.get_option_no_throw(flag) : nullptr;
    if (is_value || !looks_like_a_flag(argument)) continue;
    if (app.get_option_no_throw(flag) != nullptr) continue;
    const std::string meant = meant_instead(flag, flags);
    throw InputError(
        fmt::format("there is no flag '{}'", shortened(flag)), "",
        fmt::format("{}{}{} --help lists them", meant, meant.empty() ? "" : " ", app.get_name()));
  }
}

// --seeds 2 --seeds 3, of which CLI11 would say that at most one is required.
void refuse_repeated_flags(const CLI::App& app, Arguments arguments) {
  std::set<std::string> seen;
  for (const std::string_view argument : arguments) {
    if (argument == "--") return;
    if (!argument.starts_with("--")) continue;
    const std::string flag(argument.substr(0, argument.find('=')));
    const CLI::Option* option = app.get_option_no_throw(flag);
    const bool takes_one = option != nullptr && option->get_items_expected_max() == 1;
    if (!takes_one || seen.insert(flag).second) continue;
    throw InputError(fmt::format("{} is given twice", flag), "", "give it once");
  }
}

bool is_value_of(CLI::Option& option, std::string_view argument) {
  if (argument.starts_with("--")) return false;
  std::error_code ignored;
  if (std::filesystem::exists(argument, ignored)) return false;
  std::string text(argument);
  try {
    return (*option.get_validator(0))(text).empty();
  } catch (const CLI::OptionNotFound&) {
    return false;  // any text would do, so that this may as well be meant for something else
  }
}

bool has_empty_item(std::string_view list) {
  return list.starts_with(',') || list.ends_with(',') || list.find(",,") != std::string_view::npos;
}

// --lr ,1 and --seeds 1,,2, whose blanks CLI11 passes over.
void refuse_empty_items(const CLI::App& app, Arguments arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--") return;
    const std::size_t equals = argument.find('=');
    const std::string flag(argument.substr(0, equals));
    const CLI::Option* option = app.get_option_no_throw(flag);
    if (option == nullptr || option->get_delimiter() != ',') continue;
    const std::string_view next = i + 1 < arguments.size() ? arguments[i + 1] : "";
    const std::string_view list =
        equals == std::string_view::npos ? next : argument.substr(equals + 1);
    if (!has_empty_item(list)) continue;
    throw InputError(fmt::format("{} {} names nothing between two commas", flag, shortened(list)),
                     "", "leave out the comma, or fill in what is missing");
  }
}

// --batch-sizes 32 64 128
void refuse_lists_without_commas(CLI::App& app, Arguments arguments) {
  for (std::size_t i = 0; i + 2 < arguments.size(); ++i) {
    CLI::Option* option = app.get_option_no_throw(arguments[i]);
    if (option == nullptr || option->get_delimiter() == '\0') continue;
    std::string list = arguments[i + 1];
    std::size_t next = i + 2;
    while (next < arguments.size() && is_value_of(*option, arguments[next])) {
      list += fmt::format(",{}", arguments[next++]);
    }
    if (next == i + 2) continue;
    throw InputError(
        fmt::format("'{}' stands apart from {}", shortened(arguments[i + 2]), arguments[i]), "",
        fmt::format("separate its values by commas: {} {}", arguments[i], shortened(list)));
  }
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::optional<int> parse(CLI::App& app, int argc, const char* const* argv) {
  const Arguments arguments(argv + 1, argv + std::max(argc, 1));
  name_fields_by(app);
  if (asks_for_help(arguments)) {
    std::cout << help_of(app, text_style(stdout));
    return kDone;
  }
  refuse_unknown_flags(app, arguments);
  refuse_repeated_flags(app, arguments);
  refuse_empty_items(app, arguments);
  refuse_lists_without_commas(app, arguments);
  app.parse(argc, argv);
  return std::nullopt;
}

}  // namespace etalon::cli
