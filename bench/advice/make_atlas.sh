#!/bin/sh
# The atlas, from sweeps: rows of src/atlas/atlas.csv on standard output.
#
#   make_atlas.sh ADVICE_BENCH DIRECTORY > src/atlas/atlas.csv
#
# DIRECTORY holds the sweeps of other people that src/atlas/README.md names, which are not part of
# this project; those that it lacks are left out, with a word on standard error.
set -eu
bench=$1
others=$2
own=$(dirname "$0")/../sweeps

# The rows of FILE, without their header after the first.
first=yes
rows_of() {
  file=$1
  shift
  if [ ! -f "$file" ]; then
    echo "$file: not there, left out" >&2
    return
  fi
  if [ "$first" = yes ]; then from=1; else from=2; fi
  first=no
  "$bench" "$file" "$@" 2>/dev/null | tail -n +"$from"
}

rows_of "$others/steplaw-dense.csv" --optimizer adamw --group-by params,tokens \
  --atlas-source "Step Law" --atlas-url arXiv:2503.04715 --atlas-task "language model"
rows_of "$others/mnist-one-step-sgd.csv" --optimizer sgd --fixed-steps \
  --atlas-source "batch-size-lr-scaling" \
  --atlas-url github.com/TatianaUshakova/batch-size-lr-scaling \
  --atlas-task "MNIST one step from a checkpoint"
rows_of "$others/char-transformer-adamw.csv" --optimizer adamw --fixed-steps \
  --atlas-source "heavy-tailed-gradients" \
  --atlas-url github.com/Ja-Crispy/heavy-tailed-gradients \
  --atlas-task "character transformer on WikiText-2"
for optimizer in sgd momentum nesterov adam adamw rmsprop lars lamb; do
  rows_of "$own/$optimizer.csv" --atlas-source "etalon sweeps" --atlas-url bench/sweeps \
    --atlas-task "Fashion-MNIST at 14x14" --atlas-recipes "$own/recipes.csv"
done
