#!/bin/sh
# A training whose best learning rate is known: 0.01 at batch size 64, growing with its root up to
# 512 and no further. Prints as small language models do. Usage: known_answer.sh BATCH LR SEED
exec awk -v batch="$1" -v lr="$2" -v seed="$3" 'BEGIN {
  srand(seed * 7919 + batch)
  capped = batch < 512 ? batch : 512
  octaves = log(lr / (0.01 * sqrt(capped / 64))) / log(2)
  bowl = 0.05 * (exp(0.7 * octaves) - 1 - 0.7 * octaves) / 0.245
  for (step = 1; step <= 20; ++step) {
    if (octaves > 3.5 && step > 5) { print "step " step ": train loss nan, val loss nan"; continue }
    noise = 0.004 * (rand() + rand() + rand() - 1.5)
    printf "step %d: train loss %.4f, val loss %.4f\n", step, 2 + 4 / step, 2.1 + bowl + 3 / (step * step) + noise
  }
}'
