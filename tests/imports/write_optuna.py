"""Writes a database with Optuna itself, and prints what Optuna reads from it: a line of JSON a trial.

    write_optuna.py STUDY_DB
"""

import json
import math
import sys

import optuna
import sqlalchemy

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    batch_size = trial.suggest_categorical("batch_size", [16, 32, 64, 128])
    trial.suggest_float("dropout", 0.0, 0.5, step=0.1)
    trial.suggest_int("layers", 1, 64, log=True)
    trial.suggest_int("width", 32, 512, step=32)
    trial.suggest_categorical("optimizer", ["adam", "sgd", None, True, 0.5])
    trial.set_user_attr("seed", trial.number + 1)
    trial.set_user_attr("note", "na\u00efve \"one\"")
    trial.set_user_attr("list", [1, 2])
    for step in range(4):
        trial.report(math.nan if trial.number == 2 else lr * batch_size / (step + 1), step)
        if trial.number == 3 and step == 2:
            raise optuna.TrialPruned()
    if trial.number == 4:
        raise RuntimeError("failed")
    return {5: math.inf, 6: -math.inf}.get(trial.number, lr * batch_size)


def two_objectives(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    return x, 1.0 - x


def print_trials(study):
    for trial in study.trials:
        print(
            json.dumps(
                {
                    "study": study.study_name,
                    "directions": [direction.name for direction in study.directions],
                    "number": trial.number,
                    "state": trial.state.name,
                    "values": trial.values,
                    "params": trial.params,
                    "user_attrs": trial.user_attrs,
                    "intermediate_values": sorted(trial.intermediate_values.items()),
                }
            )
        )


storage = optuna.storages.RDBStorage("sqlite:///" + sys.argv[1])
sqlalchemy.event.listen(
    storage.engine,
    "connect",
    lambda connection, _: connection.execute("PRAGMA synchronous = OFF"),  # ten times as fast
)
storage.engine.dispose()
sampler = optuna.samplers.RandomSampler(seed=1)
one = optuna.create_study(storage=storage, study_name="one", sampler=sampler)
one.optimize(objective, n_trials=9, catch=(RuntimeError,))
one.ask()
one.enqueue_trial({"lr": 0.01})
two = optuna.create_study(
    storage=storage, study_name="two", sampler=sampler, directions=["minimize", "maximize"]
)
two.optimize(two_objectives, n_trials=3)
print_trials(one)
print_trials(two)
