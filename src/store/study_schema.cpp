#include "store/study_schema.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr int kApplicationId = 0x4574614c;  // "EtaL"
constexpr int kVersion = 2;

// Documented in docs/study-file.md: change both, with `kVersion`.
constexpr const char* kTables = R"sql(
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
  wall_seconds        REAL NOT NULL,
  momentum            REAL,
  beta1               REAL,
  beta2               REAL,
  eps                 REAL,
  weight_decay        REAL,
  ema                 REAL
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

int pragma(SQLite::Database& database, const char* name) {
  return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt();
}

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  throw InputError(what, path.string(), "choose another --out, or restore the file");
}

}  // namespace

void rethrow_sqlite(const SQLite::Exception& exception, const std::filesystem::path& path) {
  switch (exception.getErrorCode() & 0xff) {  // the code without its extension
    case SQLITE_NOTADB:
      fail("this is not a study file", path);
    case SQLITE_CORRUPT:
      fail(fmt::format("the study file is damaged ({})", exception.what()), path);
    case SQLITE_BUSY:
      throw RunError("another program keeps the study file locked", path.string(),
                     "close it and run again");
    case SQLITE_CONSTRAINT:
      throw RunError(fmt::format("the study file refuses the data ({})", exception.what()),
                     path.string(), "");
    default:
      throw RunError(fmt::format("the study file cannot be read or written ({})", exception.what()),
                     path.string(),
                     "check that the disk has room and the directory can be written to; what was "
                     "stored before is safe");
  }
}

bool is_blank(SQLite::Database& database) {
  return pragma(database, "application_id") == 0 && pragma(database, "user_version") == 0 &&
         database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

void check_format(SQLite::Database& database, const std::filesystem::path& path) {
  if (pragma(database, "application_id") != kApplicationId) {
    fail("this is an SQLite file, but not a study", path);
  }
  const int version = pragma(database, "user_version");
  if (version > kVersion) {
    throw InputError(fmt::format("the study has format {}, this program knows those up to {}",
                                 version, kVersion),
                     path.string(), "use the newer version of etalon that wrote it");
  }
  if (version < 1) fail(fmt::format("the study has the unknown format {}", version), path);
}

void check_schema(SQLite::Database& database, const std::filesystem::path& path) {
  check_format(database, path);
  const std::string verdict = database.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict != "ok") fail(fmt::format("the study file is damaged ({})", verdict), path);
}

bool create_schema(SQLite::Database& database, const Fingerprint& fingerprint) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (!is_blank(database)) return false;
  database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database.exec(fmt::format("PRAGMA user_version = {}", kVersion));
  database.exec(kTables);
  SQLite::Statement insert(database, "INSERT INTO settings VALUES (?, ?, ?)");
  int position = 0;
  for (const auto& [key, value] : fingerprint) {
    insert.bind(1, ++position);
    insert.bind(2, key);
    insert.bind(3, value);
    insert.exec();
    insert.reset();
  }
  transaction.commit();
  return true;
}

void upgrade_schema(SQLite::Database& database) {
  if (pragma(database, "user_version") == kVersion) return;
  SQLite::Transaction transaction(database);
  for (const NamedSetting& setting : kMovableSettings) {
    database.exec(fmt::format("ALTER TABLE trials ADD COLUMN {} REAL", setting.name));
  }
  database.exec(fmt::format("PRAGMA user_version = {}", kVersion));
  transaction.commit();
}

Fingerprint read_fingerprint(SQLite::Database& database) {
  Fingerprint fingerprint;
  SQLite::Statement select(database, "SELECT key, value FROM settings ORDER BY position");
  while (select.executeStep()) {
    fingerprint.emplace_back(select.getColumn(0).getString(), select.getColumn(1).getString());
  }
  return fingerprint;
}

std::map<std::string, std::string> read_meta(SQLite::Database& database) {
  std::map<std::string, std::string> meta;
  SQLite::Statement select(database, "SELECT key, value FROM meta");
  while (select.executeStep()) {
    meta[select.getColumn(0).getString()] = select.getColumn(1).getString();
  }
  return meta;
}

}  // namespace etalon
