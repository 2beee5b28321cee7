// Studies as earlier formats had them, table by table: the first, and the second, which had columns
// for what a trial moves, with what etalon suggest added; and the third, which had no training loss
// of a trial's end.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <string>

namespace etalon::testing {

// The tables of both, but for `moved`: columns of a trial that the second added.
inline std::string old_tables(const std::string& moved) {
  return R"sql(
CREATE TABLE settings (
  position INTEGER PRIMARY KEY,
  key      TEXT NOT NULL,
  value    TEXT NOT NULL
) STRICT;
CREATE TABLE meta (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;
CREATE TABLE trials (
  id                  INTEGER PRIMARY KEY,
  round               INTEGER NOT NULL,
  stage               TEXT NOT NULL CHECK (stage IN ('base', 'rules', 'tuned')),
  batch_size          INTEGER NOT NULL,
  lr                  REAL NOT NULL,
  seed                INTEGER NOT NULL,
  state               TEXT NOT NULL CHECK (state IN ('finished', 'diverged', 'failed')),
  objective           REAL,
  validation_accuracy REAL,
  diverged_step       INTEGER,
  message             TEXT NOT NULL,
  steps               INTEGER NOT NULL,
  wall_seconds        REAL NOT NULL)sql" +
         moved + R"sql(
) STRICT;
CREATE TABLE curve (
  trial               INTEGER NOT NULL REFERENCES trials (id),
  point               INTEGER NOT NULL,
  step                INTEGER NOT NULL,
  examples            INTEGER NOT NULL,
  epoch               REAL NOT NULL,
  train_loss          REAL,
  validation_loss     REAL,
  validation_accuracy REAL,
  PRIMARY KEY (trial, point)
) STRICT, WITHOUT ROWID;
)sql";
}

inline std::string first_format() {
  return old_tables("") + "PRAGMA application_id = 1165254988; PRAGMA user_version = 1;";
}

inline std::string second_format() {
  return old_tables(R"sql(,
  momentum            REAL,
  beta1               REAL,
  beta2               REAL,
  eps                 REAL,
  weight_decay        REAL,
  ema                 REAL)sql") +
         R"sql(
INSERT INTO settings VALUES (1, 'optimizer', 'sgd');
INSERT INTO meta VALUES ('version', '0.1');
INSERT INTO trials VALUES
  (1, 1, 'base', 32, 0.1, 1, 'finished', 2.5, 0.5, NULL, '', 10, 0.5, NULL, NULL, NULL, NULL, NULL, NULL),
  (2, 1, 'rules', 64, 0.1, -1, 'diverged', NULL, NULL, 4, '', 4, 0.5, 0.5, NULL, NULL, NULL, NULL, 0.75);
INSERT INTO curve VALUES (1, 1, 5, 160, 0.25, 0.75, NULL, NULL), (2, 1, 4, 256, 0.5, NULL, 3, 0.25);
PRAGMA application_id = 1165254988;
PRAGMA user_version = 2;
)sql";
}

inline constexpr const char* kSecondFormatSuggestions = R"sql(
CREATE TABLE suggestions (
  id          INTEGER PRIMARY KEY,
  batch_size  INTEGER NOT NULL,
  lr          REAL NOT NULL,
  seed        INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('pending', 'finished', 'diverged', 'failed')),
  loss        REAL,
  asked_at    INTEGER NOT NULL,
  observed_at INTEGER,
  UNIQUE (batch_size, lr, seed),
  CHECK ((state = 'finished') = (loss IS NOT NULL))
) STRICT;
INSERT INTO suggestions VALUES
  (1, 32, 0.05, 1, 'finished', 2.75, 1000, 1060), (2, 32, 0.4, 1, 'pending', NULL, 1100, NULL),
  (3, 64, 0.4, 1, 'failed', NULL, 1100, 1101);
)sql";

// Written out, as the program had it: bounds, attempts, and suggestions in every study.
inline constexpr const char* kThirdFormat = R"sql(
CREATE TABLE settings (
  position INTEGER PRIMARY KEY,
  key      TEXT NOT NULL,
  value    TEXT NOT NULL
) STRICT;
CREATE TABLE meta (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;
CREATE TABLE trials (
  id                  INTEGER PRIMARY KEY,
  round               INTEGER NOT NULL,
  stage               TEXT NOT NULL CHECK (stage IN ('base', 'rules', 'tuned')),
  batch_size          INTEGER NOT NULL CHECK (batch_size BETWEEN 1 AND 1000000000000000),
  lr                  REAL NOT NULL CHECK (lr BETWEEN 1e-30 AND 1e30),
  seed                INTEGER NOT NULL,
  state               TEXT NOT NULL
    CHECK (state IN ('pending', 'finished', 'diverged', 'pruned', 'failed')),
  objective           REAL CHECK (abs(objective) < 9e999),
  validation_accuracy REAL,
  diverged_step       INTEGER,
  message             TEXT NOT NULL,
  steps               INTEGER NOT NULL,
  wall_seconds        REAL NOT NULL,
  momentum            REAL,
  beta1               REAL,
  beta2               REAL,
  eps                 REAL,
  weight_decay        REAL,
  ema                 REAL,
  attempts            INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 1),
  CHECK (state <> 'finished' OR objective IS NOT NULL)
) STRICT;
CREATE TABLE curve (
  trial               INTEGER NOT NULL REFERENCES trials (id),
  point               INTEGER NOT NULL,
  step                INTEGER NOT NULL,
  examples            INTEGER NOT NULL,
  epoch               REAL NOT NULL,
  train_loss          REAL,
  validation_loss     REAL,
  validation_accuracy REAL,
  PRIMARY KEY (trial, point)
) STRICT, WITHOUT ROWID;
CREATE TABLE suggestions (
  id          INTEGER PRIMARY KEY,
  batch_size  INTEGER NOT NULL CHECK (batch_size BETWEEN 1 AND 1000000000000000),
  lr          REAL NOT NULL CHECK (lr BETWEEN 1e-30 AND 1e30),
  seed        INTEGER NOT NULL,
  state       TEXT NOT NULL
    CHECK (state IN ('pending', 'finished', 'diverged', 'pruned', 'failed')),
  loss        REAL CHECK (abs(loss) < 9e999),
  asked_at    INTEGER NOT NULL,
  observed_at INTEGER,
  attempts    INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 1),
  UNIQUE (batch_size, lr, seed),
  CHECK ((state = 'finished') = (loss IS NOT NULL))
) STRICT;
CREATE INDEX suggestions_open ON suggestions (id) WHERE state IN ('pending', 'failed');
CREATE INDEX suggestions_best ON suggestions (batch_size, loss, lr) WHERE state = 'finished';
CREATE INDEX suggestions_diverged ON suggestions (batch_size, lr) WHERE state = 'diverged';
CREATE INDEX suggestions_pruned ON suggestions (id) WHERE state = 'pruned';
INSERT INTO settings VALUES (1, 'optimizer', 'sgd');
INSERT INTO meta VALUES ('version', '0.1');
INSERT INTO trials VALUES
  (1, 1, 'base', 32, 0.1, 1, 'finished', 2.5, 0.5, NULL, '', 10, 0.5, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (2, 1, 'rules', 64, 0.1, -1, 'diverged', NULL, NULL, 4, '', 4, 0.5, 0.5, NULL, NULL, NULL, NULL, 0.75, 2);
INSERT INTO curve VALUES (1, 1, 5, 160, 0.25, 0.75, NULL, NULL), (2, 1, 4, 256, 0.5, NULL, 3, 0.25);
INSERT INTO suggestions VALUES
  (1, 32, 0.05, 1, 'finished', 2.75, 1000, 1060, 1), (2, 64, 0.4, 1, 'pruned', NULL, 1100, 1101, 3);
PRAGMA application_id = 1165254988;
PRAGMA user_version = 3;
)sql";

inline void write_third_format(const std::filesystem::path& path) {
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(kThirdFormat);
}

inline void write_second_format(const std::filesystem::path& path, const std::string& more = "") {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(second_format());
  database.exec(more);
}

}  // namespace etalon::testing
