// etalon scale: a training recipe moved to other batch sizes by the published rules.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/scale_flags.hpp"
#include "etalon/error.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon::cli {
namespace {

const ScaledRecipe& only_recipe(const ScaleAnswer& answer, const std::string& format) {
  if (answer.targets.size() != 1) {
    throw InputError(fmt::format("--format {} prints one recipe, and --to names {} batch sizes",
                                 format, answer.targets.size()),
                     "", "name one");
  }
  return answer.targets.front().rules.front();
}

std::string render(const ScaleAnswer& answer, const std::string& format) {
  if (format == "json") return scale_json(answer);
  if (format == "toml") return recipe_toml(only_recipe(answer, format));
  if (format == "pytorch") return recipe_pytorch(only_recipe(answer, format));
  return scale_table(answer);
}

}  // namespace

int run_scale(int argc, const char* const* argv) {
  CLI::App app{"Moves a training recipe to other batch sizes by the published rules.",
               "etalon scale"};
  ScaleFlags flags;
  add_scale_flags(app, flags);
  if (const auto code = parse(app, argc, argv)) return *code;
  const std::string text = render(scale_answer(flags), flags.format);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw RunError("the answer could not be written", "standard output", "check where it goes");
  }
  return kDone;
}

}  // namespace etalon::cli
