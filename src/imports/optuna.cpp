#include "imports/optuna.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "imports/log_database.hpp"
#include "imports/log_text.hpp"
#include "imports/optuna_parameter.hpp"

namespace etalon {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct OptunaStudy {
  std::string name;
  std::map<std::int64_t, std::string> directions;  // "min" or "max", by objective
  std::int64_t trials = 0;                         // so far
};

std::string direction_named(const std::string& word) {
  if (word == "MINIMIZE") return "min";
  return word == "MAXIMIZE" ? "max" : "";
}

// Versions without types of values wrote the largest float for an infinite one.
std::optional<double> optuna_value(const SQLite::Column& value, const std::string& type) {
  constexpr double kLargest = 0.9999 * std::numeric_limits<float>::max();
  if (type == "INF_POS") return kInfinity;
  if (type == "INF_NEG") return -kInfinity;
  if (type == "NAN") return std::numeric_limits<double>::quiet_NaN();
  if (value.isNull()) return std::nullopt;
  const double number = value.getDouble();
  return type.empty() && std::abs(number) > kLargest ? std::copysign(kInfinity, number) : number;
}

// What a version's tables are asked for.
class OptunaQueries {
 public:
  explicit OptunaQueries(SQLite::Database& database) : database_(database) {
    need_columns(database, "studies", {"study_id", "study_name"});
    need_columns(database, "trials", {"trial_id", "study_id", "state"});
    need_columns(database, "trial_params",
                 {"param_id", "trial_id", "param_name", "param_value", "distribution_json"});
    need_columns(database, "trial_values", {"trial_id", "value"});
  }

  std::string directions() const {
    if (has("study_directions", "objective")) {
      return "SELECT study_id, objective, direction FROM study_directions";
    }
    return fmt::format("SELECT study_id, 0, {} FROM studies", column("studies", "direction"));
  }
  std::string trials() const {
    return fmt::format("SELECT trial_id, study_id, {}, state FROM trials ORDER BY trial_id",
                       column("trials", "number"));
  }
  std::string values() const {
    if (!has("trial_values", "objective")) {
      return fmt::format("SELECT trial_id, 0, {}, NULL FROM trials ORDER BY trial_id",
                         column("trials", "value"));
    }
    return fmt::format(
        "SELECT trial_id, objective, value, {} FROM trial_values ORDER BY trial_id, "
        "objective",
        column("trial_values", "value_type"));
  }
  std::string intermediate_values() const {
    if (!has("trial_intermediate_values", "intermediate_value")) {
      return fmt::format(
          "SELECT trial_id, {0}, value, NULL FROM trial_values ORDER BY trial_id, "
          "{0}",
          column("trial_values", "step"));
    }
    return fmt::format(
        "SELECT trial_id, step, intermediate_value, {} FROM "
        "trial_intermediate_values ORDER BY trial_id, step",
        column("trial_intermediate_values", "intermediate_value_type"));
  }
  std::string attributes(const std::string& whose) const {
    const std::string table = fmt::format("trial_{}_attributes", whose);
    if (!has(table, "value_json")) return "SELECT 0, NULL, NULL WHERE 0";
    return fmt::format("SELECT trial_id, key, value_json FROM {} ORDER BY trial_id", table);
  }

 private:
  bool has(const std::string& table, const std::string& name) const {
    return columns_of(database_, table).contains(name);
  }
  std::string column(const std::string& table, const std::string& name) const {
    return has(table, name) ? name : "NULL";
  }

  SQLite::Database& database_;
};

std::map<std::int64_t, OptunaStudy> read_studies(SQLite::Database& database,
                                                 const OptunaQueries& queries) {
  std::map<std::int64_t, OptunaStudy> studies;
  SQLite::Statement names(database, "SELECT study_id, study_name FROM studies");
  while (names.executeStep()) {
    studies[names.getColumn(0).getInt64()].name = text_in(names.getColumn(1));
  }
  SQLite::Statement directions(database, queries.directions());
  while (directions.executeStep()) {
    const auto study = studies.find(directions.getColumn(0).getInt64());
    if (study == studies.end()) continue;
    study->second.directions[directions.getColumn(1).getInt64()] =
        direction_named(text_in(directions.getColumn(2)));
  }
  return studies;
}

// Walks through all tables at once, trial by trial.
class OptunaTrials {
 public:
  OptunaTrials(SQLite::Database& database, std::filesystem::path file)
      : queries_(database),
        file_(std::move(file)),
        studies_(read_studies(database, queries_)),
        count_(database.execAndGet("SELECT count(*) FROM trials").getDouble()),
        trials_(database, queries_.trials()),
        parameters_(database,
                    "SELECT trial_id, param_name, param_value, distribution_json FROM "
                    "trial_params ORDER BY trial_id, param_id"),
        values_(database, queries_.values()),
        intermediate_values_(database, queries_.intermediate_values()),
        user_attributes_(database, queries_.attributes("user")),
        system_attributes_(database, queries_.attributes("system")) {}

  void hear(const HearRun& hear) {
    for (double done = 0.0; trials_.executeStep(); ++done) {
      hear(read_trial());
      hear.note_share(done / count_);
    }
  }

 private:
  LoggedRun read_trial() {
    const std::int64_t id = trials_.getColumn(0).getInt64();
    OptunaStudy& study = studies_[trials_.getColumn(1).getInt64()];
    LoggedRun run;
    run.directory = file_;
    run.state = text_in(trials_.getColumn(3));
    name_trial(id, study, run);
    add_parameters(id, run);
    add_user_attributes(id, run);
    add_values(id, study, add_intermediate_values(id, study, run), run);
    return run;
  }

  void name_trial(std::int64_t id, OptunaStudy& study, LoggedRun& run) {
    const std::string trial = fmt::format("trial {}", number_of_trial(id, study));
    if (has_several_) run.set("study", study.name);
    run.name = has_several_ ? fmt::format("{} {}", study.name, trial) : trial;
    study.trials += 1;
  }

  // Before 1.3, an attribute of the system.
  std::int64_t number_of_trial(std::int64_t id, const OptunaStudy& study) {
    std::int64_t number = study.trials;
    system_attributes_.hear(id, [&](SQLite::Statement& row) {
      if (text_in(row.getColumn(1)) == "_number") number = row.getColumn(2).getInt64();
    });
    return trials_.getColumn(2).isNull() ? number : trials_.getColumn(2).getInt64();
  }

  void add_parameters(std::int64_t id, LoggedRun& run) {
    parameters_.hear(id, [&](SQLite::Statement& row) {
      run.set(text_in(row.getColumn(1)),
              optuna_parameter(row.getColumn(2).getDouble(), text_in(row.getColumn(3))));
    });
  }

  void add_user_attributes(std::int64_t id, LoggedRun& run) {
    user_attributes_.hear(id, [&](SQLite::Statement& row) {
      const nlohmann::json value = parse_log_json(text_in(row.getColumn(2)));
      if (!value.is_primitive() || value.is_discarded()) return;
      run.set("user_attrs_" + text_in(row.getColumn(1)), text_of(value));
    });
  }

  // The last step, or 0.
  double add_intermediate_values(std::int64_t id, const OptunaStudy& study, LoggedRun& run) {
    double last = 0.0;
    intermediate_values_.hear(id, [&](SQLite::Statement& row) {
      last = row.getColumn(1).getDouble();
      const auto value = optuna_value(row.getColumn(2), text_in(row.getColumn(3)));
      run.log("intermediate_value", last, value.value_or(NAN));  // NULL was NaN, before its type
      direct("intermediate_value", 0, study, run);
    });
    return last;
  }

  void add_values(std::int64_t id, const OptunaStudy& study, double step, LoggedRun& run) {
    values_.hear(id, [&](SQLite::Statement& row) {
      const std::int64_t objective = row.getColumn(1).getInt64();
      const bool is_one_of_several = study.directions.size() > 1 || objective > 0;
      const std::string name = is_one_of_several ? fmt::format("value_{}", objective) : "value";
      const auto value = optuna_value(row.getColumn(2), text_in(row.getColumn(3)));
      if (!value) return;
      run.log(name, step, *value);
      direct(name, objective, study, run);
    });
  }

  static void direct(const std::string& metric, std::int64_t objective, const OptunaStudy& study,
                     LoggedRun& run) {
    const auto found = study.directions.find(objective);
    if (found != study.directions.end() && !found->second.empty()) {
      run.directions[metric] = found->second;
    }
  }

  const OptunaQueries queries_;
  const std::filesystem::path file_;
  std::map<std::int64_t, OptunaStudy> studies_;
  const bool has_several_ = studies_.size() > 1;
  const double count_;  // of the trials
  SQLite::Statement trials_;
  RowsByRun parameters_, values_, intermediate_values_, user_attributes_, system_attributes_;
};

}  // namespace

bool is_optuna_database(const std::filesystem::path& file) {
  return is_database_with(file, {"studies", "trials", "trial_params", "trial_values"});
}

void read_optuna_database(const std::filesystem::path& file, const HearRun& hear) {
  read_log_database(file,
                    [&](SQLite::Database& database) { OptunaTrials(database, file).hear(hear); });
}

}  // namespace etalon
