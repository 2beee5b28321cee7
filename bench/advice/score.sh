#!/bin/sh
# Everything that bench/advice.md says of measured sweeps, on standard output.
#
#   score.sh ADVICE_BENCH DIRECTORY
#
# DIRECTORY holds the sweeps of other people that src/atlas/README.md names; those that it lacks are
# left out. Each file twice: with all runs known, and with every third learning rate and one seed.
set -eu
bench=$1
others=$2
own=$(dirname "$0")/../sweeps

score() {
  "$bench" "$@" 2>/dev/null
  echo "-- of what is known every third learning rate, one seed"
  "$bench" "$@" --thin 3 2>/dev/null
}

score_other() {
  if [ -f "$others/$1" ]; then score "$others/$@"; else echo "$1: not there, left out" >&2; fi
}

score_other steplaw-dense.csv --optimizer adamw --group-by params,tokens --leave-out "Step Law"
score_other mnist-one-step-sgd.csv --fixed-steps --leave-out batch-size-lr-scaling
score_other char-transformer-adamw.csv --fixed-steps --leave-out heavy-tailed-gradients
score "$own"/sgd.csv "$own"/momentum.csv "$own"/nesterov.csv "$own"/lars.csv "$own"/adam.csv \
  "$own"/adamw.csv "$own"/rmsprop.csv "$own"/lamb.csv --leave-out "etalon sweeps"
