// etalon scale: a training recipe moved to other batch sizes by the published rules.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/scale_flags.hpp"
#include "cli/toml_arguments.hpp"
#include "etalon/error.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon::cli {
namespace {

void check_that_it_is_one(const ScaleAnswer& answer, const std::string& format) {
  if (answer.targets.size() == 1) return;
  throw InputError(fmt::format("--format {} prints one recipe, and --to names {} batch sizes",
                               format, answer.targets.size()),
                   "", "name one");
}

std::string render(const ScaleAnswer& answer, const std::string& format) {
  if (format == "json") return scale_json(answer);
  if (format == "table") return scale_table(answer, text_style(stdout));
  check_that_it_is_one(answer, format);
  return format == "toml" ? recipe_toml(answer) : recipe_pytorch(answer);
}

}  // namespace

int run_scale(int argc, const char* const* argv) {
  CLI::App app{"Moves a training recipe to other batch sizes by the published rules.",
               "etalon scale"};
  ScaleFlags flags;
  const CLI::Option* file = add_scale_flags(app, flags);
  if (const auto code = parse_with_toml(app, *file, argc, argv)) return *code;
  const std::string text = render(scale_answer(flags), flags.format);
  std::fwrite(text.data(), 1, text.size(), stdout);  // `main` looks whether it went out
  return kDone;
}

}  // namespace etalon::cli
