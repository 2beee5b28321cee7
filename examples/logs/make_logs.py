"""Writes logs as training tools leave them, of runs whose truth is known, with Python's own library alone.

make_logs.py TOOL DIRECTORY

The best learning rate is 6e-4 * sqrt(B / 64) at the batch sizes 64, 128, 256 and 512; nine learning rates at each, a
factor of 2 apart, the greatest of which diverges; a run of each batch size was killed early, with a tempting loss."""
import json
import math
import os
import sqlite3
import struct
import sys
import time
import zlib

EXAMPLES = 64_000
BATCH_SIZES = (64, 128, 256, 512)


def best_lr(batch_size):
    return 6e-4 * math.sqrt(batch_size / 64)


class Run:
    """One training: `curve` is [(step, train loss, validation loss, learning rate)]."""

    def __init__(self, number, batch_size, lr, state):
        self.number, self.batch_size, self.lr, self.state, self.seed = number, batch_size, lr, state, 1
        self.steps = EXAMPLES // batch_size
        octaves = math.log2(lr / best_lr(batch_size))
        end = 2.0 + 0.02 * octaves ** 2 + 0.0005 * math.sin(7.0 * number)
        self.curve = []
        for k in range(1, 11):
            step = self.steps * k // 10
            loss = end + 1.5 * (math.exp(-5.0 * k / 10) - math.exp(-5.0))
            if state == "diverged" and k > 4:
                loss = math.nan
            if state == "killed" and k > 5:
                break
            self.curve.append((step, loss - 0.1, loss, lr * (1.0 - 0.09 * k)))
        if state == "killed":  # a metric of a half-trained run that nobody should compare
            self.curve[-1] = self.curve[-1][:2] + (1.5,) + self.curve[-1][3:]
        if state == "diverged":
            self.curve = self.curve[:6]

    @property
    def name(self):
        return f"run{self.number:02d}"


def runs():
    number = 0
    for batch_size in BATCH_SIZES:
        for k in range(-4, 5):
            number += 1
            state = "diverged" if k == 4 else "finished"
            yield Run(number, batch_size, best_lr(batch_size) * 2.0 ** k, state)
        number += 1
        yield Run(number, batch_size, best_lr(batch_size) * 2.0 ** 2.5, "killed")


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w" if isinstance(text, str) else "wb") as file:
        file.write(text)


# TensorBoard: records of protocol buffers.

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def make_crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


CRC_TABLE = make_crc_table()


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def number_field(number, value):
    return varint(number << 3) + varint(value)


def double_field(number, value):
    return varint(number << 3 | 1) + struct.pack("<d", value)


def event(step, *values):
    return record(double_field(1, time.time()) + number_field(2, step) + field(5, b"".join(values)))


def scalar(tag, value):
    return field(1, field(1, tag) + varint(2 << 3 | 5) + struct.pack("<f", value))


def text_value(tag, text):
    tensor = number_field(1, 7) + field(8, text)
    return field(1, field(1, tag) + field(8, tensor) + field(9, field(1, field(1, "text"))))


def hparams_value(tag, content):
    return field(1, field(1, tag) + field(9, field(1, field(1, "hparams") + field(2, content))))


def start_info(params):
    entries = b""
    for name, value in params.items():
        kind = field(3, value) if isinstance(value, str) else double_field(2, float(value))
        entries += field(1, field(1, name) + field(2, kind))
    return field(3, entries + double_field(3, time.time()))


def scalars_of(run, names=("train/loss", "val/loss")):
    return b"".join(event(step, scalar(names[0], train), scalar(names[1], val)) for step, train, val, _ in run.curve)


VERSION = record(double_field(1, 0.0) + field(3, "brain.Event:2"))
EVENTS = "events.out.tfevents.1700000000.host.1.0"


def tensorboard_paths(root):
    for run in runs():
        write(f"{root}/s{run.seed}_b{run.batch_size:04d}/lr_{run.lr:.6g}/{EVENTS}", VERSION + scalars_of(run))


def tensorboard_logged_lr(root):
    for run in runs():
        rates = b"".join(event(step, scalar("Parameters/Learning Rate", lr)) for step, _, _, lr in run.curve)
        first = event(0, scalar("Parameters/Learning Rate", run.lr))
        write(f"{root}/s{run.seed}_b{run.batch_size:04d}_{run.number}/{EVENTS}",
              VERSION + first + rates + scalars_of(run, ("Train/Average loss", "Test/Average loss")))


def tensorboard_hparams(root):
    for run in runs():
        start = start_info({"batch_size": run.batch_size, "lr": run.lr, "seed": run.seed, "optimizer": "adamw"})
        write(f"{root}/{run.name}/{EVENTS}", VERSION + scalars_of(run))
        write(f"{root}/{run.name}/1636712345.{run.number}/{EVENTS}",
              VERSION + event(0, hparams_value("_hparams_/session_start_info", start)))


def keras(root):
    for run in runs():
        directory = f"{root}/bs{run.batch_size}-lr{run.lr:.6g}"
        for part, column in (("train", 1), ("validation", 2)):
            body = b"".join(event(k, scalar("epoch_loss", point[column])) for k, point in enumerate(run.curve))
            write(f"{directory}/{part}/{EVENTS}", VERSION + body)


def huggingface_tensorboard(root):
    for run in runs():
        arguments = {"per_device_train_batch_size": 16, "gradient_accumulation_steps": run.batch_size // 16,
                     "learning_rate": run.lr, "seed": run.seed, "num_train_epochs": 1.0, "max_steps": -1,
                     "optim": "adamw_torch", "train_batch_size": 16, "logging_dir": f"runs/{run.name}",
                     "warmup_steps": 0}
        body = event(0, text_value("args/text_summary", json.dumps(arguments, indent=2)))
        body += scalars_of(run, ("train/loss", "eval/loss"))
        write(f"{root}/{run.name}/runs/Nov01_host/{EVENTS}", VERSION + body)


def trainer_state(root):
    for run in runs():
        history = []
        for step, train, val, lr in [(0, 4.0, 4.0, run.lr)] + run.curve:
            epoch = step / run.steps
            history.append({"epoch": epoch, "grad_norm": 1.0, "learning_rate": lr, "loss": train, "step": step})
            history.append({"epoch": epoch, "eval_loss": val, "eval_runtime": 1.0, "step": step})
        state = {"best_metric": None, "epoch": 1.0, "global_step": run.curve[-1][0], "is_hyper_param_search": False,
                 "log_history": history, "max_steps": run.steps, "num_train_epochs": 1, "train_batch_size": 16}
        write(f"{root}/b{run.batch_size}-{run.name}/checkpoint-{run.curve[-1][0]}/trainer_state.json",
              json.dumps(state, indent=2))


# Lightning: a ragged table rewritten when a key appears.

def lightning(root):
    for run in runs():
        directory = f"{root}/lightning_logs/version_{run.number}"
        write(f"{directory}/hparams.yaml", f"batch_size: {run.batch_size}\nlr: {run.lr}\nseed: {run.seed}\n"
                                           "act: !!python/name:torch.nn.modules.activation.ReLU ''\n")
        rows = ["epoch,step,train_loss,val_loss"]
        for k, (step, train, val, _) in enumerate(run.curve):
            rows += [f"{k},{step - 1},{train},", f"{k},{step - 1},,{val}"]
        write(f"{directory}/metrics.csv", "\n".join(rows) + "\n")


def ray(root):
    for run in runs():
        directory = f"{root}/train_2024-01-01/train_{run.number:05d}"
        config = {"batch_size": run.batch_size, "optim": {"lr": run.lr}, "seed": run.seed}
        write(f"{directory}/params.json", json.dumps(config))
        lines = []
        for k, (step, train, val, _) in enumerate(run.curve, 1):
            lines.append(json.dumps({"val_loss": val, "train_loss": train, "training_iteration": k, "config": config,
                                     "done": k == 10, "trial_id": f"t{run.number}", "time_total_s": 1.5 * k}))
        write(f"{directory}/result.json", "\n".join(lines) + "\n")
        if run.state == "killed":
            write(f"{directory}/error.txt", "Traceback (most recent call last):\n")


def keras_tuner(root):
    for run in runs():
        observations = [{"value": [val], "step": k} for k, (_, _, val, _) in enumerate(run.curve)]
        trial = {"trial_id": f"{run.number:02d}", "hyperparameters":
                 {"space": [], "values": {"batch_size": run.batch_size, "learning_rate": run.lr}},
                 "metrics": {"metrics": {"val_loss": {"direction": "min", "observations": observations}}},
                 "score": run.curve[-1][2], "best_step": 0,
                 "status": "FAILED" if run.state == "killed" else "COMPLETED"}
        write(f"{root}/project/trial_{run.number:02d}/trial.json", json.dumps(trial))


def hydra(root):
    for run in runs():
        directory = f"{root}/multirun/2024-01-01/12-00-00/{run.number}"
        write(f"{directory}/.hydra/config.yaml",
              f"train:\n  batch_size: 32\n  lr: 0.1\nseed: {run.seed}\nmodel:\n  name: small\n")
        write(f"{directory}/.hydra/overrides.yaml", f"- train.batch_size={run.batch_size}\n- train.lr={run.lr}\n")
        write(f"{directory}/.hydra/hydra.yaml", "hydra:\n  job:\n    name: train\n")
        write(f"{directory}/metrics.jsonl", "".join(
            json.dumps({"step": step, "train_loss": train, "val_loss": val}) + "\n"
            for step, train, val, _ in run.curve))


def guild(root):
    for run in runs():
        directory = f"{root}/runs/{run.number:032x}"
        write(f"{directory}/.guild/attrs/flags", f"batch-size: {run.batch_size}\nlr: {run.lr}\nseed: {run.seed}\n")
        write(f"{directory}/.guild/attrs/exit_status", "-15" if run.state == "killed" else "0")
        write(f"{directory}/.guild/{EVENTS}", VERSION + scalars_of(run, ("loss", "val_loss")))


MLFLOW_WORDS = {"finished": "FINISHED", "diverged": "FINISHED", "killed": "KILLED"}


def mlflow_files(root):
    write(f"{root}/mlruns/0/meta.yaml", "artifact_location: file:///x\nexperiment_id: '0'\n"
                                        "lifecycle_stage: active\nname: Default\n")
    for run in runs():
        directory = f"{root}/mlruns/0/{run.number:032x}"
        status = {"FINISHED": 3, "KILLED": 5}[MLFLOW_WORDS[run.state]]
        write(f"{directory}/meta.yaml", f"experiment_id: '0'\nlifecycle_stage: active\nrun_id: {run.number:032x}\n"
                                        f"run_name: {run.name}\nstatus: {status}\n")
        for name, value in (("batch_size", run.batch_size), ("learning_rate", run.lr), ("seed", run.seed)):
            write(f"{directory}/params/{name}", str(value))
        for name, column in (("train/loss", 1), ("val/loss", 2)):
            write(f"{directory}/metrics/{name}",
                  "".join(f"1700000000000 {point[column]} {point[0]}\n" for point in run.curve))


def mlflow_db(root):
    os.makedirs(root, exist_ok=True)
    with sqlite3.connect(f"{root}/mlflow.db") as db:
        db.executescript("""
            CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR(256), lifecycle_stage VARCHAR(32));
            CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), status VARCHAR(9),
                               lifecycle_stage VARCHAR(20), experiment_id INTEGER);
            CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));
            CREATE TABLE metrics (key VARCHAR(250), value DOUBLE, timestamp BIGINT, run_uuid VARCHAR(32),
                                  step BIGINT DEFAULT 0, is_nan BOOLEAN DEFAULT 0);
            INSERT INTO experiments VALUES (0, 'Default', 'active');""")
        for run in runs():
            uuid = f"{run.number:032x}"
            db.execute("INSERT INTO runs VALUES (?, ?, ?, 'active', 0)", (uuid, run.name, MLFLOW_WORDS[run.state]))
            for name, value in (("batch_size", run.batch_size), ("learning_rate", run.lr), ("seed", run.seed)):
                db.execute("INSERT INTO params VALUES (?, ?, ?)", (name, str(value), uuid))
            for step, train, val, _ in run.curve:
                for name, value in (("train_loss", train), ("val_loss", val)):
                    is_nan = math.isnan(value)
                    db.execute("INSERT INTO metrics VALUES (?, ?, 0, ?, ?, ?)",
                               (name, 0.0 if is_nan else value, uuid, step, is_nan))


def optuna(root):
    """The schema of versions 3.0 to 4."""
    os.makedirs(root, exist_ok=True)
    with sqlite3.connect(f"{root}/optuna.db") as db:
        db.executescript("""
            CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR(512));
            CREATE TABLE study_directions (study_direction_id INTEGER PRIMARY KEY, direction VARCHAR(8),
                                           study_id INTEGER, objective INTEGER);
            CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8),
                                 datetime_start DATETIME, datetime_complete DATETIME);
            CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR(512),
                                       param_value FLOAT, distribution_json TEXT);
            CREATE TABLE trial_values (trial_value_id INTEGER PRIMARY KEY, trial_id INTEGER, objective INTEGER,
                                       value FLOAT, value_type VARCHAR(7));
            CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER PRIMARY KEY, trial_id INTEGER,
                                                    step INTEGER, intermediate_value FLOAT,
                                                    intermediate_value_type VARCHAR(7));
            CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER PRIMARY KEY, trial_id INTEGER,
                                                key VARCHAR(512), value_json TEXT);
            CREATE TABLE alembic_version (version_num VARCHAR(32));
            CREATE TABLE version_info (version_info_id INTEGER PRIMARY KEY, schema_version INTEGER,
                                       library_version VARCHAR(256));
            INSERT INTO alembic_version VALUES ('v3.0.0.d');
            INSERT INTO version_info VALUES (1, 12, '3.1.0');
            INSERT INTO studies VALUES (1, 'sweep');
            INSERT INTO study_directions VALUES (1, 'MINIMIZE', 1, 0);""")
        choices = json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": list(BATCH_SIZES)}})
        rates = json.dumps({"name": "FloatDistribution",
                            "attributes": {"step": None, "low": 1e-6, "high": 1.0, "log": True}})
        for run in runs():
            state = {"finished": "COMPLETE", "diverged": "FAIL", "killed": "PRUNED"}[run.state]
            db.execute("INSERT INTO trials VALUES (?, ?, 1, ?, '', '')", (run.number, run.number - 1, state))
            db.execute("INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
                       "VALUES (?, 'batch_size', ?, ?)", (run.number, BATCH_SIZES.index(run.batch_size), choices))
            db.execute("INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
                       "VALUES (?, 'lr', ?, ?)", (run.number, run.lr, rates))
            for k, (_, _, val, _) in enumerate(run.curve):
                is_nan = math.isnan(val)
                db.execute("INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
                           "intermediate_value_type) VALUES (?, ?, ?, ?)",
                           (run.number, k, None if is_nan else val, "NAN" if is_nan else "FINITE"))
            if state != "FAIL":
                db.execute("INSERT INTO trial_values (trial_id, objective, value, value_type) "
                           "VALUES (?, 0, ?, 'FINITE')", (run.number, run.curve[-1][2]))


# Weights & Biases: LevelDB's log of protocol buffers.

class WandbFile:
    BLOCK = 32768

    def __init__(self):
        self.bytes = b":W&B" + struct.pack("<HB", 0xBEE1, 0)

    def append(self, data):
        first = True
        while first or data:
            left = self.BLOCK - len(self.bytes) % self.BLOCK
            if left < 7:
                self.bytes += bytes(left)
                left = self.BLOCK
            piece, data = data[:left - 7], data[left - 7:]
            kind = (1 if first else 4) if not data else (2 if first else 3)
            crc = zlib.crc32(bytes([kind]) + piece)
            self.bytes += struct.pack("<IHB", crc, len(piece), kind) + piece
            first = False


def items(number, values):
    return b"".join(field(number, field(1, key) + field(16, json.dumps(value))) for key, value in values.items())


def wandb(root):
    for run in runs():
        file = WandbFile()
        config = items(1, {"batch_size": run.batch_size, "learning_rate": run.lr, "seed": run.seed, "loss": "mse",
                           "model": {"name": "small", "layers": [1, 2]}})
        file.append(field(17, field(1, f"id{run.number}") + field(3, "project") + field(4, config) +
                          field(8, run.name)))
        for k, (step, train, val, lr) in enumerate(run.curve):
            history = items(1, {"_step": step, "_runtime": 1.0 * k, "loss": train, "val/loss": val, "lr": lr})
            file.append(field(2, history + field(2, number_field(1, step))))
        if run.state != "killed":
            file.append(field(18, number_field(1, 0)))
        directory = f"{root}/wandb/offline-run-20240101_120000-id{run.number}"
        write(f"{directory}/run-id{run.number}.wandb", file.bytes)


def wandb_table(root):
    rows = ['"Name","State","Runtime","batch_size","learning_rate","seed","lr","train/loss","val/loss"']
    for run in runs():
        _, train, val, lr = run.curve[-1]
        state = {"finished": "finished", "diverged": "finished", "killed": "crashed"}[run.state]
        values = ("NaN", "NaN") if math.isnan(val) else (train, val)
        rows.append(",".join(f'"{cell}"' for cell in (run.name, state, 100, run.batch_size, run.lr, run.seed, lr) +
                             values))
    write(f"{root}/wandb_export.csv", "\n".join(rows) + "\n")


def wandb_chart(root):
    all_runs = list(runs())
    names = [f"b{run.batch_size}-lr{run.lr:.6g}" for run in all_runs]
    header = ["Step"] + [f"{name} - val_loss{end}" for name in names for end in ("", "__MIN", "__MAX")]
    rows = [",".join(f'"{name}"' for name in header)]
    points = {}
    for column, run in enumerate(all_runs):
        for step, _, val, _ in run.curve:
            points.setdefault(step, {})[column] = val
    for step in sorted(points):
        cells = [str(step)]
        for column in range(len(all_runs)):
            value = points[step].get(column)
            cells += [""] * 3 if value is None else ["NaN" if math.isnan(value) else str(value)] * 3
        rows.append(",".join(f'"{cell}"' for cell in cells))
    write(f"{root}/chart.csv", "\n".join(rows) + "\n")


TOOLS = {function.__name__.replace("_", "-"): function for function in
         (tensorboard_paths, tensorboard_logged_lr, tensorboard_hparams, keras, huggingface_tensorboard, trainer_state,
          lightning, ray, keras_tuner, hydra, guild, mlflow_files, mlflow_db, optuna, wandb, wandb_table, wandb_chart)}

if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in TOOLS:
        sys.exit(f"usage: make_logs.py TOOL DIRECTORY, where TOOL is one of {', '.join(TOOLS)}")
    TOOLS[sys.argv[1]](sys.argv[2])
