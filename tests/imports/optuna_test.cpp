// Databases of every version of Optuna's schema, and ones that Optuna itself wrote.
#include "imports/optuna.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "imports/optuna_schemas.hpp"
#include "imports/read_log.hpp"
#include "support/python_module.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::kInf;
using etalon::testing::kNan;
using etalon::testing::OptunaSchema;
using etalon::testing::PointIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::vector<LoggedRun> trials_in(const std::filesystem::path& file) {
  return etalon::testing::runs_in(file, read_optuna_database);
}

// Rows as a version of Optuna would write them.
class OptunaWriter {
 public:
  OptunaWriter(const std::filesystem::path& file, const OptunaSchema& schema)
      : schema_(schema), database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    database_.exec("PRAGMA synchronous = OFF");
    database_.exec(etalon::testing::optuna_tables(schema));
  }

  void study(int id, const std::string& name, const std::string& direction) {
    if (schema_.has_objectives) {
      insert("studies (study_id, study_name)", "{}, '{}'", id, name);
      insert("study_directions (direction, study_id, objective)", "'{}', {}, 0", direction, id);
    } else {
      insert("studies (study_id, study_name, direction)", "{}, '{}', '{}'", id, name, direction);
    }
  }

  void trial(int id, int study, int number, const std::string& state) {
    insert("trials (trial_id, study_id, state)", "{}, {}, '{}'", id, study, state);
    if (schema_.has_numbers) {
      database_.exec(fmt::format("UPDATE trials SET number = {} WHERE trial_id = {}", number, id));
    } else {
      insert("trial_system_attributes (trial_id, key, value_json)", "{}, '_number', '{}'", id,
             number);
    }
  }

  void parameter(int trial, const std::string& name, double value, const std::string& old_name,
                 const std::string& new_name, const std::string& attributes) {
    insert("trial_params (trial_id, param_name, param_value, distribution_json)",
           "{}, '{}', {}, '{{\"name\": \"{}Distribution\", \"attributes\": {{{}}}}}'", trial, name,
           value, schema_.has_new_names ? new_name : old_name, attributes);
  }

  void attribute(int trial, const std::string& name, const std::string& json) {
    insert("trial_user_attributes (trial_id, key, value_json)", "{}, '{}', '{}'", trial, name,
           json);
  }

  void value(int trial, double value) {
    if (!schema_.has_objectives) {
      database_.exec(
          fmt::format("UPDATE trials SET value = {} WHERE trial_id = {}", stored(value), trial));
    } else if (schema_.has_value_types) {
      insert("trial_values (trial_id, objective, value, value_type)", "{}, 0, {}, '{}'", trial,
             typed(value), type_of(value));
    } else {
      insert("trial_values (trial_id, objective, value)", "{}, 0, {}", trial, stored(value));
    }
  }

  void intermediate_value(int trial, int step, double value) {
    if (!schema_.has_objectives) {
      insert("trial_values (trial_id, step, value)", "{}, {}, {}", trial, step, stored(value));
    } else if (schema_.has_intermediate_types) {
      insert(
          "trial_intermediate_values (trial_id, step, intermediate_value, "
          "intermediate_value_type)",
          "{}, {}, {}, '{}'", trial, step, typed(value), type_of(value));
    } else {
      insert("trial_intermediate_values (trial_id, step, intermediate_value)", "{}, {}, {}", trial,
             step, stored(value));
    }
  }

  SQLite::Database& database() { return database_; }

 private:
  template <typename... Values>
  void insert(const std::string& where, fmt::format_string<Values...> values, Values&&... each) {
    database_.exec("INSERT INTO " + where + " VALUES (" +
                   fmt::format(values, std::forward<Values>(each)...) + ")");
  }
  static std::string type_of(double value) {
    if (std::isnan(value)) return "NAN";
    if (std::isinf(value)) return value > 0 ? "INF_POS" : "INF_NEG";
    return "FINITE";
  }
  static std::string typed(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : "NULL";
  }
  // Without types, the largest float stood for an infinite value.
  static std::string stored(double value) {
    if (std::isnan(value)) return "NULL";
    if (std::isinf(value)) return value > 0 ? "3.4028234663852886e38" : "-3.4028234663852886e38";
    return fmt::format("{}", value);
  }

  const OptunaSchema schema_;
  SQLite::Database database_;
};

void write_trials(OptunaWriter& writer) {
  writer.study(7, "tune", "MAXIMIZE");
  writer.trial(11, 7, 0, "COMPLETE");
  writer.parameter(11, "lr", 0.001, "LogUniform", "Float", "\"low\": 1e-05, \"high\": 0.1");
  writer.parameter(11, "dropout", 0.25, "DiscreteUniform", "Float", "\"low\": 0, \"high\": 0.5");
  writer.parameter(11, "batch_size", 2.0, "Categorical", "Categorical",
                   "\"choices\": [16, 32, 64]");
  writer.parameter(11, "layers", 4.0, "IntUniform", "Int", "\"low\": 1, \"high\": 8");
  writer.parameter(11, "width", 1048576.0, "IntLogUniform", "Int", "\"low\": 1, \"high\": 1048576");
  writer.attribute(11, "seed", "3");
  writer.attribute(11, "model", "\"small\"");
  writer.attribute(11, "shape", "[1, 2]");
  writer.intermediate_value(11, 20, 0.5);
  writer.intermediate_value(11, 10, 0.25);
  writer.value(11, 0.75);
  writer.trial(12, 7, 1, "PRUNED");
  writer.intermediate_value(12, 10, 0.125);
  writer.value(12, 0.125);
  writer.trial(13, 7, 2, "COMPLETE");
  writer.value(13, -kInf);
  writer.trial(14, 7, 3, "FAIL");
}

class OptunaVersions : public ::testing::TestWithParam<OptunaSchema> {
 protected:
  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "optuna.db";
};

TEST_P(OptunaVersions, AreReadAlike) {
  OptunaWriter writer(file_, GetParam());
  write_trials(writer);
  ASSERT_TRUE(is_optuna_database(file_));
  const auto trials = trials_in(file_);
  ASSERT_EQ(trials.size(), 4u);
  EXPECT_EQ(trials[0].directory, file_);
  EXPECT_EQ(trials[0].name, "trial 0");
  EXPECT_EQ(trials[0].state, "COMPLETE");
  EXPECT_THAT(
      trials[0].settings,
      UnorderedElementsAre(Pair("lr", "0.001"), Pair("dropout", "0.25"), Pair("batch_size", "64"),
                           Pair("layers", "4"), Pair("width", "1048576"),
                           Pair("user_attrs_seed", "3"), Pair("user_attrs_model", "small")));
  EXPECT_THAT(trials[0].curves,
              UnorderedElementsAre(Pair("value", ElementsAre(PointIs(20.0, 0.75))),
                                   Pair("intermediate_value",
                                        ElementsAre(PointIs(10.0, 0.25), PointIs(20.0, 0.5)))));
  EXPECT_THAT(trials[0].directions,
              UnorderedElementsAre(Pair("value", "max"), Pair("intermediate_value", "max")));
  EXPECT_EQ(trials[1].state, "PRUNED");
  EXPECT_THAT(trials[1].curves.at("value"), ElementsAre(PointIs(10.0, 0.125)));
  EXPECT_EQ(trials[2].name, "trial 2");
  EXPECT_THAT(trials[2].curves, ElementsAre(Pair("value", ElementsAre(PointIs(0.0, -kInf)))));
  EXPECT_EQ(trials[3].state, "FAIL");
  EXPECT_THAT(trials[3].curves, IsEmpty());
}

TEST_P(OptunaVersions, SayWhichIntermediateValuesAreNoNumbers) {
  OptunaWriter writer(file_, GetParam());
  writer.study(1, "tune", "MINIMIZE");
  writer.trial(1, 1, 0, "RUNNING");
  writer.intermediate_value(1, 1, kInf);
  writer.intermediate_value(1, 2, -kInf);
  if (GetParam().may_lack_value) writer.intermediate_value(1, 3, kNan);
  const LoggedRun trial = trials_in(file_).at(0);
  const LoggedCurve& curve = trial.curves.at("intermediate_value");
  EXPECT_THAT(curve[0], PointIs(1.0, kInf));
  EXPECT_THAT(curve[1], PointIs(2.0, -kInf));
  if (GetParam().may_lack_value) {
    EXPECT_THAT(curve.at(2), PointIs(3.0, kNan));
  }
  EXPECT_THAT(trial.directions, ElementsAre(Pair("intermediate_value", "min")));
}

INSTANTIATE_TEST_SUITE_P(Every, OptunaVersions,
                         ::testing::ValuesIn(etalon::testing::kOptunaSchemas),
                         [](const auto& each) {
                           std::string name = each.param.version;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

class Optuna : public ::testing::Test {
 protected:
  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "optuna.db";
};

TEST_F(Optuna, StudiesOfOneFileAreToldApart) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  writer.study(1, "a", "MINIMIZE");
  writer.study(2, "b", "NOT_SET");
  writer.trial(1, 2, 0, "COMPLETE");
  writer.value(1, 2.0);
  writer.trial(2, 1, 0, "COMPLETE");
  writer.value(2, 3.0);
  const auto trials = trials_in(file_);
  ASSERT_EQ(trials.size(), 2u);
  EXPECT_EQ(trials[0].name, "b trial 0");
  EXPECT_THAT(trials[0].settings, ElementsAre(Pair("study", "b")));
  EXPECT_THAT(trials[0].directions, IsEmpty());
  EXPECT_EQ(trials[1].name, "a trial 0");
  EXPECT_THAT(trials[1].directions, ElementsAre(Pair("value", "min")));
}

TEST_F(Optuna, ObjectivesAreNumberedWhereThereAreSeveral) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  writer.study(1, "a", "MINIMIZE");
  writer.database().exec("INSERT INTO study_directions VALUES (9, 'MAXIMIZE', 1, 1)");
  writer.trial(1, 1, 0, "COMPLETE");
  writer.value(1, 2.0);
  writer.database().exec("INSERT INTO trial_values VALUES (9, 1, 1, 0.5, 'FINITE')");
  const LoggedRun trial = trials_in(file_).at(0);
  EXPECT_THAT(trial.curves, ElementsAre(Pair("value_0", ElementsAre(PointIs(0.0, 2.0))),
                                        Pair("value_1", ElementsAre(PointIs(0.0, 0.5)))));
  EXPECT_THAT(trial.directions, ElementsAre(Pair("value_0", "min"), Pair("value_1", "max")));
}

TEST_F(Optuna, ChoicesMayBeOfAnyType) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  writer.study(1, "a", "MINIMIZE");
  writer.trial(1, 1, 0, "COMPLETE");
  const std::string choices = "\"choices\": [\"adam\", null, true, 0.5, [64, 64], [[[1]]]]";
  for (int i = 0; i < 7; ++i) {
    writer.parameter(1, fmt::format("p{}", i), i, "Categorical", "Categorical", choices);
  }
  EXPECT_THAT(trials_in(file_).at(0).settings,
              ElementsAre(Pair("p0", "adam"), Pair("p1", ""), Pair("p2", "true"), Pair("p3", "0.5"),
                          Pair("p4", "[64,64]"), Pair("p5", ""), Pair("p6", "")));
}

TEST_F(Optuna, IsKnownByItsTables) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  EXPECT_TRUE(is_optuna_database(file_));
  writer.database().exec("DROP TABLE trial_params; CREATE VIEW trial_params AS SELECT 1");
  EXPECT_FALSE(is_optuna_database(file_));
  EXPECT_FALSE(is_optuna_database(directory_.path()));
  EXPECT_FALSE(is_optuna_database(directory_.path() / "none"));
  etalon::testing::write_text(file_.string() + ".txt", "SQLite format 2");
  EXPECT_FALSE(is_optuna_database(file_.string() + ".txt"));
}

TEST_F(Optuna, ATableWithoutItsColumnsIsRefused) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  writer.database().exec("ALTER TABLE trials DROP COLUMN state");
  try {
    trials_in(file_);
    FAIL() << "read";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("its table trials lacks the column state"));
    EXPECT_THAT(error.what(), HasSubstr(file_.string()));
  }
}

TEST_F(Optuna, ADatabaseWithAWriterAtWorkIsRead) {
  OptunaWriter writer(file_, {"v3.2.0.a"});
  writer.study(1, "a", "MINIMIZE");
  writer.trial(1, 1, 0, "RUNNING");
  writer.database().exec("BEGIN IMMEDIATE; UPDATE trials SET state = 'COMPLETE'");
  EXPECT_EQ(trials_in(file_).at(0).state, "RUNNING");
}

std::string metric_of(const nlohmann::json& trial, std::size_t objective) {
  return trial["directions"].size() > 1 ? fmt::format("value_{}", objective) : "value";
}

void expect_values(const LoggedRun& run, const nlohmann::json& trial) {
  for (std::size_t i = 0; i < trial["values"].size(); ++i) {
    const auto& reported = trial["intermediate_values"];
    const double step = reported.empty() ? 0.0 : number_of(reported.back()[0]);
    EXPECT_THAT(run.curves.at(metric_of(trial, i)),
                ElementsAre(PointIs(step, number_of(trial["values"][i]))));
    EXPECT_EQ(run.directions.at(metric_of(trial, i)),
              trial["directions"][i] == "MINIMIZE" ? "min" : "max");
  }
  EXPECT_EQ(run.curves.contains("value"), trial["values"].size() == 1);
}

void expect_intermediate_values(const LoggedRun& run, const nlohmann::json& trial) {
  const auto& expected = trial["intermediate_values"];
  ASSERT_EQ(run.curves.contains("intermediate_value"), !expected.empty());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(run.curves.at("intermediate_value").at(i),
                PointIs(number_of(expected[i][0]), number_of(expected[i][1])));
  }
}

void expect_settings(const LoggedRun& run, const nlohmann::json& trial) {
  EXPECT_EQ(run.settings.at("study"), trial["study"]);
  for (const auto& [name, value] : trial["params"].items()) {
    const std::string& text = run.settings.at(name);
    if (value.is_number()) {
      EXPECT_EQ(std::strtod(text.c_str(), nullptr), value.get<double>()) << name;
    } else {
      EXPECT_EQ(text, text_of(value)) << name;
    }
  }
  for (const char* name : {"seed", "note"}) {
    if (!trial["user_attrs"].contains(name)) continue;
    EXPECT_EQ(run.settings.at(std::string("user_attrs_") + name),
              text_of(trial["user_attrs"][name]));
  }
  EXPECT_FALSE(run.settings.contains("user_attrs_list"));
}

TEST_F(Optuna, WhatOptunaWroteIsWhatOptunaReads) {
  if (!etalon::testing::has_python_module("optuna"))
    GTEST_SKIP() << "needs Debian's package python3-optuna";
  const auto written = etalon::testing::run_command(fmt::format(
      "/usr/bin/python3 {}/tests/imports/write_optuna.py {}", ETALON_SOURCE_DIR, file_.string()));
  ASSERT_EQ(written.exit_code, 0) << written.output;
  ASSERT_TRUE(is_optuna_database(file_));
  const auto runs = trials_in(file_);
  std::istringstream lines(written.output);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const nlohmann::json trial = parse_log_json(line);
    ASSERT_LT(count, runs.size());
    EXPECT_EQ(runs[count].name,
              fmt::format("{} trial {}", std::string(trial["study"]), int{trial["number"]}));
    EXPECT_EQ(runs[count].state, trial["state"]);
    expect_settings(runs[count], trial);
    expect_intermediate_values(runs[count], trial);
    expect_values(runs[count], trial);
  }
  EXPECT_EQ(count, runs.size());
  EXPECT_EQ(count, 14u);
}

}  // namespace
}  // namespace etalon
