// Moves an AdamW recipe from 256 examples per step on one device to eight devices.
//
// Prints:
// > 256 -> 2048, use sde-power
// > lr 0.001 -> 0.00282843
// > beta1 0.9 -> 0.430467
// > beta2 0.999 -> 0.992028
// > eps 1e-08 -> 3.53553e-09
// > weight_decay 0.01 -> 0.0282843
// > warmup_steps 800 -> 100
#include <cstdio>
#include <etalon/scaling.hpp>

int main() {
  etalon::Recipe base;
  base.optimizer = etalon::OptimizerFamily::adamw;
  base.batch = {256};
  base.lr = 1e-3;
  base.schedule.warmup = {800, etalon::DurationUnit::steps};
  etalon::fill_defaults(base);  // betas, eps and weight decay as in PyTorch

  const etalon::BatchShape eight_devices{256, 1, 8};  // micro-batch, accumulation, replicas
  const etalon::RuleComparison comparison = etalon::compare_rules(base, eight_devices);

  std::printf("%lld -> %lld, use %s\n", static_cast<long long>(base.batch.global()),
              static_cast<long long>(comparison.target.global()), comparison.recommended.c_str());
  for (const etalon::FieldChange& change : comparison.rules.front().fields) {
    if (!change.field.ends_with("examples")) {
      std::printf("%s %g -> %g\n", change.field.c_str(), change.old_value, change.new_value);
    }
  }
  return 0;
}
