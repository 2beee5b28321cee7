#include "cli/target_flags.hpp"

#include "cli/number_checks.hpp"

namespace etalon::cli {

void add_target_flags(CLI::App& app, const std::string& group, Target& target) {
  auto* loss = app.add_option("--target-loss", target.loss,
                              "Instead of the loss at the end of the budget, minimize the steps to "
                              "this validation loss");
  auto* accuracy =
      app.add_option("--target-accuracy", target.accuracy, "The same to this accuracy");
  CLI::Option* objective = app.get_option_no_throw("--objective");
  for (CLI::Option* option : {loss, accuracy}) {
    option->check(real_number())->group(group);
    if (objective != nullptr) option->excludes(objective);
  }
  accuracy->excludes(loss);
}

}  // namespace etalon::cli
