// The table of all readers: whoever adds a form of logs adds a line here.
#include "imports/csv_log.hpp"
#include "imports/event_log.hpp"
#include "imports/guild.hpp"
#include "imports/hydra.hpp"
#include "imports/json_lines_log.hpp"
#include "imports/keras_tuner.hpp"
#include "imports/log_reader.hpp"
#include "imports/mlflow_database.hpp"
#include "imports/mlflow_files.hpp"
#include "imports/optuna.hpp"
#include "imports/ray.hpp"
#include "imports/settings_file.hpp"
#include "imports/trainer_state.hpp"
#include "imports/wandb.hpp"
#include "imports/wandb_chart.hpp"

namespace etalon {

std::span<const LogReader> log_readers() {
  static constexpr LogReader kReaders[] = {
      {"tensorboard", "TensorBoard event file", is_event_log, read_event_log},
      {"optuna", "Optuna database", is_optuna_database, read_optuna_database},
      {"mlflow-files", "MLflow run", is_mlflow_run, read_mlflow_run},
      {"mlflow-db", "MLflow database", is_mlflow_database, read_mlflow_database},
      {"wandb", "W&B run", is_wandb_run, read_wandb_run},
      {"wandb-chart", "W&B chart export", is_wandb_chart, read_wandb_chart},
      {"trainer-state", "Hugging Face trainer state", is_trainer_state, read_trainer_state},
      {"ray", "Ray Tune trial", is_ray_trial, read_ray_trial},
      {"keras-tuner", "Keras Tuner trial", is_keras_trial, read_keras_trial},
      {"hydra", "Hydra configuration", is_hydra_config, read_hydra_config, true},
      {"guild", "guild attribute", is_guild_attribute, read_guild_attribute, true},
      {"hparams-yaml", "settings file", is_settings_file, read_settings_file, true},
      {"csv-log", "CSV log", is_csv_log, read_csv_log},
      {"json-lines-log", "JSON log", is_json_lines_log, read_json_lines_log},
  };
  return kReaders;
}

}  // namespace etalon
