#include "cli/noise_answer_flags.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <sstream>

#include "cli/choices.hpp"
#include "cli/number_checks.hpp"
#include "cli/standard_streams.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {

void add_noise_answer_flags(CLI::App& app, NoiseAnswerFlags& flags) {
  app.option_defaults()->group(kAnswerGroup);
  app.add_option("--to", flags.batch_sizes,
                 "Batch sizes to say the cost of, separated by commas; default some about the "
                 "noise scale")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(batch_size());
  app.add_option("--lr", flags.lr, "The learning rate at --batch-size, for those at the others")
      ->check(real_number());
  app.add_option("--batch-size", flags.batch_size, "The batch size of --lr")->check(batch_size());
  app.add_option("--level", flags.level, "Coverage of intervals, in (0, 1)")
      ->capture_default_str()
      ->check(coverage());
  app.add_option("--format", flags.format, "What is printed: table or json")
      ->capture_default_str()
      ->transform(one_of({"table", "json"}));
  app.add_option("--html", flags.html, "Also write a page with charts to this file");
  app.add_flag("--quiet", flags.quiet, "Say on standard error neither guesses nor progress");
}

void check_noise_answer_flags(const NoiseAnswerFlags& flags, std::span<const NamedPath> inputs) {
  if (flags.batch_size && *flags.batch_size != std::floor(*flags.batch_size)) {
    throw InputError(fmt::format("--batch-size is {:g}", *flags.batch_size), "",
                     "give a whole number");
  }
  if (flags.lr) check_lr(*flags.lr);
  if (flags.html.empty()) return;
  check_output(flags.html, "html");
  const NamedPath page{"html", flags.html};
  check_outputs_apart({&page, 1}, inputs);
}

void need_lr_with_batch_size(const NoiseAnswerFlags& flags) {
  if (flags.lr.has_value() == flags.batch_size.has_value()) return;
  throw InputError("--lr and --batch-size go together", "", "give both, or none");
}

void deliver_noise(NoiseAnswer answer, const NoiseAnswerFlags& flags) {
  answer.level = flags.level;
  answer.batch_sizes = flags.batch_sizes;
  const std::string text =
      flags.format == "json" ? noise_json(answer) + '\n' : noise_table(answer, text_style(stdout));
  std::fwrite(text.data(), 1, text.size(), stdout);  // main sees whether it arrived
  if (flags.html.empty()) return;
  std::ostringstream page;
  write_noise_page(answer, page);
  write_file_atomically(flags.html, page.str(), "html");
}

}  // namespace etalon::cli
