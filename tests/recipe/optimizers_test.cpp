#include "etalon/optimizers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

#include "etalon/error.hpp"
#include "support/run_command.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

TEST(Optimizers, StandInTheOrderOfTheirFamilies) {
  std::size_t place = 0;
  for (const OptimizerInfo& info : optimizers()) {
    EXPECT_EQ(static_cast<std::size_t>(info.family), place++);
    EXPECT_EQ(parse_optimizer_family(info.name), info.family);
    EXPECT_EQ(to_string(info.family), info.name);
  }
  EXPECT_EQ(place, 11u);
}

TEST(Optimizers, AreFoundInAnyCase) {
  EXPECT_EQ(find_optimizer("AdamW"), &optimizer_info(OptimizerFamily::adamw));
  EXPECT_EQ(find_optimizer("SGD"), &optimizer_info(OptimizerFamily::sgd));
  EXPECT_EQ(find_optimizer("adam "), nullptr);
  EXPECT_EQ(find_optimizer("ada"), nullptr);
  EXPECT_THROW(parse_optimizer_family("sdg"), InputError);
}

// Whoever divides by a root of squares has their mean and ε to be set, and no other has; but for
// adafactor, whose own are constants, and muon, where they are of the part that is AdamW's.
TEST(Optimizers, AreAdaptiveWhereTheyHaveAMeanSquare) {
  for (const OptimizerInfo& info : optimizers()) {
    EXPECT_GT(info.first_lr, 0.0);
    EXPECT_TRUE(info.is_adaptive() || !info.mean_square) << info.name;
    if (info.name == "adafactor" || info.name == "muon") continue;
    EXPECT_EQ(info.mean_square, info.eps.has_value()) << info.name;
    EXPECT_EQ(info.is_adaptive(), info.beta2.has_value()) << info.name;
  }
}

TEST(Optimizers, HaveNoPublishedRuleWhereNobodyDerivedOne) {
  for (const OptimizerInfo& info : optimizers()) {
    const bool unpublished = info.name == "lion" || info.name == "adafactor" || info.name == "muon";
    EXPECT_EQ(info.has_published_rule(), !unpublished) << info.name;
  }
}

// What PyTorch's own constructors take by default, as "name field value" lines.
constexpr const char* kTorchDefaults = R"(
import inspect, torch
names = {'sgd': 'SGD', 'adam': 'Adam', 'adamw': 'AdamW', 'rmsprop': 'RMSprop'}
for name, of in names.items():
    given = inspect.signature(getattr(torch.optim, of).__init__).parameters
    for field, value in given.items():
        value = value.default
        if field == 'betas':
            print(name, 'beta1', value[0])
            print(name, 'beta2', value[1])
        elif field in ('momentum', 'eps', 'weight_decay', 'alpha'):
            print(name, 'beta2' if field == 'alpha' else field, value)
)";

std::map<std::string, double> torch_defaults() {
  const auto result = testing::run_command(std::string("/usr/bin/python3 -c \"") + kTorchDefaults +
                                           "\" 2>/dev/null");
  std::map<std::string, double> defaults;
  std::istringstream lines(result.output);
  std::string name, field;
  for (double value = 0.0; lines >> name >> field >> value;) {
    defaults[std::string(name) + ' ' + field] = value;
  }
  return defaults;
}

TEST(Optimizers, HavePyTorchsDefaults) {
  if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  const std::map<std::string, double> torch = torch_defaults();
  EXPECT_EQ(torch.size(), 14u);
  for (const auto& [key, value] : torch) {
    const OptimizerInfo& info =
        optimizer_info(parse_optimizer_family(key.substr(0, key.find(' '))));
    const std::string field = key.substr(key.find(' ') + 1);
    const std::optional<double> ours = field == "momentum" ? info.momentum.value_or(0.0)
                                       : field == "beta1"  ? info.beta1
                                       : field == "beta2"  ? info.beta2
                                       : field == "eps"    ? info.eps
                                                           : info.weight_decay;
    EXPECT_EQ(ours, value) << key;
  }
}

}  // namespace
}  // namespace etalon
