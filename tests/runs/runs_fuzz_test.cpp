// Damaged files of runs by the thousand: each is read as runs that make sense, or refused with a
// sentence.
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "core/random.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "runs/run_groups.hpp"

namespace etalon {
namespace {

const std::vector<std::string> kFiles = {
    "batch_size,lr,loss,seed,steps\n32,0.1,2.5,1,100\n32,0.2,nan,2,100\n64,1e-3,inf,x,50\n",
    "\"bs\",\"eta\",\"final_loss\",model\r\n8,\"0.1\",2,\"a, \"\"b\"\"\"\r\n\r\n8,0.2,,c\r\n",
    "{\"batch\": 32, \"lr\": 0.1, \"loss\": 2.5}\n{\"batch\": 64, \"lr\": 0.2, \"loss\": NaN}\n",
    "{\"batch_size\":8,\"learning_rate\":1e-4,\"val_loss\":null,\"tokens\":1e9}\n",
    "Batch Size\tLearning-Rate\tLoss\tEpoch\n32\t0.1\t2.5\t3\n32\t0.2\tnan\t3\n",
    "bs;lr;loss;step\r\n8; 0.1 ;2;100\r\n16;0.2;\"3\";50\r\n",
    "[\n  {\"batch\": 32, \"lr\": 0.1, \"loss\": 2.5},\n  {\"batch\": 64, \"lr\": 0.2,\n"
    "   \"loss\": NaN, \"note\": \"a ] \\\" }\"}\n]\n",
    "[{\"bs\":8,\"eta\":1e-4,\"loss\":null},{\"bs\":8,\"eta\":2e-4,\"loss\":2}]",
    "number,value,params_batch_size,params_lr,state\n0,2.5,32,0.1,COMPLETE\n1,3,32,0.2,PRUNED\n"
    "2,,64,0.1,FAIL\n",
    "run,epoch,batch_size,gradient_accumulation_steps,lr,val_accuracy\na,1,8,4,0.1,0.5\n"
    "a,2,8,4,0.01,0.7\nb,1,8,8,0.2,0.4\nb,2,8,8,0.02,0.6\n",
    "model_name,per_device_train_batch_size,world_size,learning_rate,lr,eval/loss,exit_code\n"
    "a,8,2,1e-3,1e-5,2.5,0\nb,8,2,2e-3,2e-5,2.4,1\na,16,2,1e-3,1e-5,2.6,0\n"};

std::string mutate(std::string text, RandomStream& random) {
  const std::string kTelling = ",;\t\"\n\r{}[]:-+.eE0129 \xEF\xBB\xBF\\nNaif";
  for (std::uint32_t change = 1 + random.below(2); change > 0 && !text.empty(); --change) {
    const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
    const char byte = random.below(2) == 0
                          ? static_cast<char>(random.next_uint32())
                          : kTelling[random.below(static_cast<std::uint32_t>(kTelling.size()))];
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
  }
  return text;
}

// Whether the text is read; a refusal must say something, and any other exception escapes.
bool reads(const std::string& text) {
  try {
    std::istringstream input(text);
    const Table table = read_table(input, "runs");
    for (const RunGroup& group : group_runs(table, guess_columns(table, {}).columns).groups) {
      for (const Observation& run : group.observations) {
        EXPECT_TRUE(is_valid_batch_size(run.batch_size)) << text;
        EXPECT_TRUE(is_valid_lr(run.lr)) << text;
        EXPECT_TRUE(!run.loss || std::isfinite(*run.loss)) << text;
      }
    }
    return true;
  } catch (const InputError& error) {
    EXPECT_GT(std::string(error.what()).size(), 10u);
    return false;
  }
}

TEST(RunsFuzz, UndamagedFilesAreRead) {
  for (const std::string& file : kFiles) EXPECT_TRUE(reads(file)) << file;
}

TEST(RunsFuzz, DamagedFilesAreReadAsRunsOrRefused) {
  RandomStream random(20240611, "runs_fuzz_test");
  int read = 0;
  constexpr int kTries = 16000;
  for (int i = 0; i < kTries; ++i) {
    read += reads(mutate(kFiles[i % kFiles.size()], random));
  }
  EXPECT_GT(read, kTries / 20);  // the damage is not so great that nothing is tested
  EXPECT_LT(read, kTries * 19 / 20);
}

}  // namespace
}  // namespace etalon
