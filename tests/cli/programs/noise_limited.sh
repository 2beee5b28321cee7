#!/bin/sh
# A training that noise limits, whose steps to a loss are known: at the best learning rate, which is
# 0.1 / (1 + 64/B), the loss falls to exp(-4) of its start in 40 (1 + 64/B) steps. Accuracies are
# 1 - loss, in percent, and not below 0. Usage: noise_limited.sh BATCH LR STEPS
exec awk -v batch="$1" -v lr="$2" -v steps="$3" 'BEGIN {
  share = 1 / (1 + 64 / batch)
  x = lr / (0.1 * share)
  rate = 0.1 * share * x * (2 - x)
  for (step = 0; step <= steps; step += 2) {
    loss = exp(-rate * step)
    if (loss > 1e6) loss = 1e6
    printf "step %d: val loss %.6g, accuracy %.6g\n", step, loss, (loss > 1 ? 0 : 100 * (1 - loss))
  }
}'
