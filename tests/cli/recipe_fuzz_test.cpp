// Recipes in TOML, damaged by the thousand: `etalon scale` and `etalon train` make a recipe of each
// that makes sense, or refuse it with a sentence; quickly, and in little memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/scale_flags.hpp"
#include "cli/toml_arguments.hpp"
#include "cli/train_flags.hpp"
#include "core/random.hpp"
#include "etalon/error.hpp"
#include "support/temporary_directory.hpp"
#include "train/run_course.hpp"

namespace etalon::cli {
namespace {

constexpr int kTries = 2000;
constexpr std::int64_t kExamples = 55000;
constexpr int kSteps = 100;              // of a course that are looked at
constexpr long kMostKilobytes = 400000;  // that the process may grow by, with a sanitizer's share

const std::vector<std::string> kRecipes = {
    "# etalon scale: rule linear\nbatch_size = 512\nmicro_batch = 128\naccumulation = 4\n"
    "replicas = 1\noptimizer = \"momentum\"\nlr = 0.2\nmomentum = 0.9\nepochs = 2.0\n"
    "schedule = \"step\"\nwarmup_epochs = 0.5\nwarmup_start = 0.5\n"
    "milestone_epochs = [1.0, 1.5]\ngamma = 0.2\n",
    "batch_size = 256\noptimizer = \"adamw\"\nlr = 0.002\nbeta1 = 0.6561\n"
    "beta2 = 0.996005996001\neps = 5e-09\nweight_decay = 0.02\nema = 0.96059601\nsteps = 225\n"
    "schedule = \"wsd\"\nwarmup_steps = 5\ndecay_share = 0.3\ndecay_form = 'cosine'\n",
    "batch_size = 64\nlr = 1e-1\nexamples = 1_000_000\nschedule = \"warm-restarts\"\n"
    "cycles = 5\ncycle_growth = 2\nfloor = 0.01\nwarmup_examples = 6400\n",
    "batch_size = 32\nlr = 3e-4\noptimizer = \"lamb\"\nschedule = \"plateau\"\nsteps = 500\n"
    "plateau_factor = 0.3\nplateau_patience = 1\nplateau_cooldown = 2\nfloor = 0.1\n"};

std::string number_or_word(RandomStream& random) {
  const std::vector<std::string> kTexts = {
      "0",    "-1",          "1e308",      "-1e308",      "1e-320", "9223372036854775807",
      "nan",  "inf",         "1e15",       "1e30",        "0.5",    "2",
      "true", "\"\"",        "\"adam\"",   "[]",          "[1, 1]", "[1e9]",
      "{}",   "\"\\u0000\"", "1979-05-27", "'one-cycle'", "[[1]]",  "1_0",
      "0x10"};
  return kTexts[random.below(static_cast<std::uint32_t>(kTexts.size()))];
}

// One value in place of another.
std::string with_another_value(const std::string& text, RandomStream& random) {
  const std::size_t at = text.find(" = ", random.below(static_cast<std::uint32_t>(text.size())));
  if (at == std::string::npos) return text;
  const std::size_t end = text.find('\n', at);
  return text.substr(0, at + 3) + number_or_word(random) + text.substr(end);
}

std::string with_another_byte(std::string text, RandomStream& random) {
  const std::string kTelling = "=[]{}\"'\n.,#-+eE_0159 \xEF\xBB\\aml";
  const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
  const char byte = kTelling[random.below(static_cast<std::uint32_t>(kTelling.size()))];
  switch (random.below(4)) {
    case 0:
      text[at] = byte;
      break;
    case 1:
      text.insert(at, 1, byte);
      break;
    case 2:
      text.erase(at, 1 + random.below(8));
      break;
    default:
      text.insert(at, text.substr(random.below(static_cast<std::uint32_t>(text.size())), 12));
  }
  return text.empty() ? "\n" : text;
}

std::string mutate(std::string text, RandomStream& random) {
  for (std::uint32_t change = 1 + random.below(2); change > 0; --change) {
    text = random.below(2) == 0 ? with_another_value(text, random)
                                : with_another_byte(std::move(text), random);
  }
  return text;
}

long kilobytes_in_use() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class RecipeFuzz : public ::testing::Test {
 protected:
  // Whether `make` takes the text; a refusal must say something, and what else it throws escapes.
  template <typename Make>
  bool takes(const std::string& text, const Make& make) {
    std::ofstream(path_) << text;
    try {
      make(path_);
      return true;
    } catch (const InputError& error) {
      EXPECT_GT(std::string(error.what()).size(), 10u) << text;
    } catch (const CLI::ParseError& error) {
      EXPECT_GT(std::string(error.what()).size(), 10u) << text;
    }
    return false;
  }

  template <typename Make>
  void expect_each_is_taken_or_refused(const Make& make) {
    for (const std::string& recipe : kRecipes) EXPECT_TRUE(takes(recipe, make)) << recipe;
    const long before = kilobytes_in_use();
    RandomStream random(20261126, "recipe_fuzz_test");
    int taken = 0;
    for (int i = 0; i < kTries; ++i) {
      taken += takes(mutate(kRecipes[i % kRecipes.size()], random), make);
    }
    EXPECT_GT(taken, kTries / 20);  // the damage is not so great that nothing is tested
    EXPECT_LT(taken, kTries * 19 / 20);
    EXPECT_LT(kilobytes_in_use() - before, kMostKilobytes);
  }

  testing::TemporaryDirectory directory_;
  std::string path_ = (directory_.path() / "recipe.toml").string();
};

TEST_F(RecipeFuzz, ScaleMovesEachOrRefusesIt) {
  expect_each_is_taken_or_refused([](const std::string& path) {
    CLI::App app("", "etalon scale");
    ScaleFlags flags;
    const CLI::Option* file = add_scale_flags(app, flags);
    const char* const argv[] = {"etalon scale", path.c_str(), "--to", "1024"};
    ASSERT_FALSE(parse_with_toml(app, *file, std::size(argv), argv));
    const ScaleAnswer answer = scale_answer(flags);
    EXPECT_FALSE(scale_json(answer).empty());
    EXPECT_FALSE(scale_table(answer, {}).empty());
    EXPECT_FALSE(recipe_pytorch(answer).empty());
    EXPECT_FALSE(recipe_toml(answer).empty());
  });
}

// As far as to the first steps of the training.
TEST_F(RecipeFuzz, TrainFollowsEachOrRefusesIt) {
  expect_each_is_taken_or_refused([](const std::string& path) {
    CLI::App app("", "etalon train");
    TrainFlags flags;
    const CLI::Option* file = add_train_flags(app, flags);
    const char* const argv[] = {"etalon train", path.c_str()};
    ASSERT_FALSE(parse_with_toml(app, *file, std::size(argv), argv));
    const RunCourse course(run_options(app, flags), kExamples);
    std::int64_t examples = 0;
    for (int step = 0; step < kSteps; ++step) {
      const auto next = course.next(step, examples);
      if (!next) break;
      EXPECT_TRUE(std::isfinite(next->lr) && next->lr >= 0.0) << next->lr;
      examples += next->batch_size;
    }
  });
}

}  // namespace
}  // namespace etalon::cli
