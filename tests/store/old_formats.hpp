// Studies as earlier formats had them, table by table: the first, and the second, which had columns
// for what a trial moves, with what etalon suggest added.
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

inline void write_second_format(const std::filesystem::path& path, const std::string& more = "") {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(second_format());
  database.exec(more);
}

}  // namespace etalon::testing
