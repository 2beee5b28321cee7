// The tables of Optuna's SQLite storage in every version of its schema, after its migrations
// (optuna/storages/_rdb/alembic/versions).
#pragma once

#include <fmt/format.h>

#include <string>

namespace etalon::testing {

struct OptunaSchema {
  const char* version;
  bool has_version = true;     // a table of Alembic's
  bool has_numbers = true;     // of trials, from 1.3
  bool has_objectives = true;  // from 2.4
  bool has_text = true;        // for JSON of any length, from 2.6
  bool has_new_names = true;   // of distributions, from 3.0.0.a
  bool may_lack_value = true;  // an intermediate one may be NULL, from 3.0.0.b
  bool has_intermediate_types = true, has_value_types = true;  // from 3.0.0.c and 3.0.0.d
};

inline constexpr OptunaSchema kOptunaSchemas[] = {
    {"v0.9.0.a", false, false, false, false, false, true, false, false},
    {"v1.2.0.a", true, false, false, false, false, true, false, false},
    {"v1.3.0.a", true, true, false, false, false, true, false, false},
    {"v2.4.0.a", true, true, true, false, false, false, false, false},
    {"v2.6.0.a", true, true, true, true, false, false, false, false},
    {"v3.0.0.a", true, true, true, true, true, false, false, false},
    {"v3.0.0.b", true, true, true, true, true, true, false, false},
    {"v3.0.0.c", true, true, true, true, true, true, true, false},
    {"v3.0.0.d"},
    {"v3.2.0.a"},
};

inline std::string attributes_table(const std::string& owner, const std::string& whose,
                                    const OptunaSchema& schema) {
  return fmt::format(
      "CREATE TABLE {0}_{1}_attributes ({0}_{1}_attribute_id INTEGER NOT NULL, {0}_id INTEGER, "
      "\"key\" VARCHAR(512), value_json {2}, PRIMARY KEY ({0}_{1}_attribute_id), "
      "UNIQUE ({0}_id, \"key\"));",
      owner, whose, schema.has_text ? "TEXT" : "VARCHAR(2048)");
}

inline std::string values_tables(const OptunaSchema& schema) {
  if (!schema.has_objectives) {
    return "CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER, "
           "step INTEGER, value FLOAT, PRIMARY KEY (trial_value_id), UNIQUE (trial_id, step));";
  }
  return fmt::format(
      "CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, "
      "objective INTEGER NOT NULL, value FLOAT{}, PRIMARY KEY (trial_value_id), "
      "UNIQUE (trial_id, objective));"
      "CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, "
      "trial_id INTEGER NOT NULL, step INTEGER NOT NULL, intermediate_value FLOAT {}{}, "
      "PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step));"
      "CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, "
      "direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL, objective INTEGER NOT NULL, "
      "PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective));",
      schema.has_value_types ? ", value_type VARCHAR(7) NOT NULL" : " NOT NULL",
      schema.may_lack_value ? "" : "NOT NULL",
      schema.has_intermediate_types ? ", intermediate_value_type VARCHAR(7) NOT NULL" : "");
}

inline std::string optuna_tables(const OptunaSchema& schema) {
  std::string sql = fmt::format(
      "CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL{0}, "
      "PRIMARY KEY (study_id));"
      "CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);"
      "CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, "
      "library_version VARCHAR(256), PRIMARY KEY (version_info_id), CHECK (version_info_id = 1));"
      "CREATE TABLE trials (trial_id INTEGER NOT NULL, study_id INTEGER, "
      "state VARCHAR(8) NOT NULL{1}, datetime_start DATETIME, datetime_complete DATETIME{2}, "
      "PRIMARY KEY (trial_id));"
      "CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, "
      "param_name VARCHAR(512), param_value FLOAT, distribution_json {3}, PRIMARY KEY (param_id), "
      "UNIQUE (trial_id, param_name));",
      schema.has_objectives ? "" : ", direction VARCHAR(8) NOT NULL",
      schema.has_objectives ? "" : ", value FLOAT", schema.has_numbers ? ", number INTEGER" : "",
      schema.has_text ? "TEXT" : "VARCHAR(2048)");
  for (const char* owner : {"study", "trial"}) {
    for (const char* whose : {"user", "system"}) sql += attributes_table(owner, whose, schema);
  }
  if (schema.has_version) {
    sql += fmt::format(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);"
        "INSERT INTO alembic_version VALUES ('{}');",
        schema.version);
  }
  return sql + values_tables(schema);
}

}  // namespace etalon::testing
