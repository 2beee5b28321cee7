#include "metrics/column_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <span>
#include <unordered_map>

namespace etalon {
namespace {

struct RoleNames {
  ColumnRole role;
  std::string_view names;  // separated by blanks, the likeliest first
};

constexpr RoleNames kRoleNames[] = {
    {ColumnRole::global_batch_size,
     "global_batch_size global_train_batch_size total_batch_size effective_batch_size "
     "total_train_batch_size effective_train_batch_size global_batch gbs ims_per_batch"},
    {ColumnRole::batch_size,
     "batch_size train_batch_size batch batchsize bs bsz b mini_batch_size minibatch_size "
     "minibatch batch_sz"},
    {ColumnRole::device_batch_size,
     "per_device_train_batch_size per_device_batch_size train_micro_batch_size_per_gpu "
     "micro_batch_size microbatch_size micro_batch microbatch mbs device_train_microbatch_size "
     "device_batch_size local_batch_size per_gpu_train_batch_size per_gpu_batch_size "
     "batch_size_per_gpu batch_size_per_device batch_per_gpu samples_per_gpu "
     "per_process_train_batch_size"},
    {ColumnRole::accumulation,
     "gradient_accumulation_steps accumulate_grad_batches gradient_accumulation "
     "grad_accumulation_steps grad_accumulation grad_accum_steps grad_accum accumulation_steps "
     "accumulation accum_steps accum_iter accum update_freq gas iter_size"},
    {ColumnRole::processes,
     "world_size num_processes n_processes data_parallel_size dp_size dp_degree num_replicas"},
    {ColumnRole::devices,
     "devices num_devices n_devices device_count num_gpus n_gpus n_gpu ngpus ngpu gpus gpu_count "
     "devices_per_node gpus_per_node nproc_per_node"},
    {ColumnRole::nodes, "num_nodes nnodes n_nodes nodes"},
    {ColumnRole::lr,
     "lr learning_rate learningrate max_lr peak_lr max_learning_rate peak_learning_rate base_lr "
     "base_learning_rate initial_lr init_lr initial_learning_rate init_learning_rate "
     "learning_rate_init lr_init lr_max lr_peak start_lr lr0 eta"},
    {ColumnRole::logged_lr,
     "train_learning_rate train_lr current_lr lr_current lr_adamw lr_adam lr_sgd last_lr"},
    {ColumnRole::seed,
     "seed random_seed manual_seed data_seed rng_seed global_seed train_seed init_seed "
     "random_state "
     "replicate replica repeat rep"},
    {ColumnRole::state, "state status run_state run_status trial_state trial_status"},
    {ColumnRole::exit_code, "exit_code exit_status exitcode returncode return_code"},
    {ColumnRole::diverged, "diverged has_diverged is_diverged"},
    {ColumnRole::failed, "failed has_failed is_failed crashed has_crashed is_crashed"},
    {ColumnRole::optimizer, "optimizer optimizer_name optimizer_type optimizer_class optim opt"},
    {ColumnRole::run,
     "run run_id run_name run_uuid trial trial_id trial_name trial_number experiment_id "
     "experiment_name experiment exp exp_name name id uuid job_id"},
    {ColumnRole::steps,
     "steps step num_steps n_steps train_steps training_steps total_steps max_steps global_step "
     "global_steps iterations iteration iters iter num_iterations num_iters max_iters max_iter "
     "updates num_updates training_iteration"},
    {ColumnRole::examples,
     "tokens token num_tokens train_tokens training_tokens total_tokens tokens_seen "
     "consumed_tokens tokens_processed examples num_examples train_examples examples_seen samples "
     "num_samples train_samples samples_seen consumed_samples images_seen"},
    {ColumnRole::epochs,
     "epochs epoch num_epochs n_epochs train_epochs max_epochs num_train_epochs training_epochs"},
    {ColumnRole::aside,
     "index idx row row_id number no run_number notes tags created created_at updated runtime "
     "duration user host hostname node commit sha job_type sweep path dir output_dir url "
     "grad_norm gradient_norm total_grad_norm file filename log_file checkpoint ckpt date day "
     "datetime converged best_epoch best_step "
     "datetime_start datetime_complete error message pid gpu_id gpu device host_name ip node_ip "
     "diverged_step should_checkpoint done experiment_tag time_since_restore "
     "iterations_since_restore"},
};

// Before the name of a setting, as tools write it.
constexpr std::string_view kPrefixes[] = {
    "params",    "param",   "parameters", "parameter", "config",          "cfg",
    "conf",      "hparams", "hparam",     "hp",        "hyperparameters", "hyperparameter",
    "args",      "arg",     "flags",      "settings",  "training",        "trainer",
    "optimizer", "optim",   "opt",        "data",      "dataloader",      "loader",
    "user",      "attrs",   "attr",       "system",    "metrics",         "metric",
    "summary",   "run",     "values"};

constexpr std::string_view kSettings[] = {
    "params",       "n_params",     "num_params", "model",    "model_name",     "model_type",
    "tokens",       "model_size",   "arch",       "network",  "architecture",   "backbone",
    "dataset",      "dataset_name", "data",       "task",     "optimizer",      "optimizer_name",
    "budget",       "optim",        "opt",        "env",      "optimizer_type", "optimizer_class",
    "algo",         "algorithm",    "env_id",     "env_name", "experiment",     "experiment_name",
    "experiment_id"};

// Words that alone make a measurement, in whatever name.
constexpr std::string_view kMeasured[] = {
    "time", "timestamp", "seconds", "secs",     "sec",        "ms",       "minutes",     "hours",
    "mem",  "runtime",   "memory",  "mfu",      "throughput", "flops",    "tflops",      "speed",
    "wall", "elapsed",   "date",    "walltime", "duration",   "datetime", "utilization", "second",
    "uri",  "url",       "path",    "dir",      "tags",       "tag"};

using Senses = std::unordered_map<std::string, NameSense>;

Senses make_senses() {
  Senses senses;
  for (const auto& [role, names] : kRoleNames) {
    int rank = 0;
    for (std::string_view rest = names; !rest.empty(); ++rank) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      senses.try_emplace(std::string(rest.substr(0, end)), NameSense{role, rank});
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return senses;
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, "_"));
}

template <typename Words>
bool is_among(const Words& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::optional<NameSense> find_sense(std::span<const std::string> words) {
  static const Senses senses = make_senses();
  const auto found = senses.find(joined(words));
  if (found == senses.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  const auto at = [&](std::size_t i) {
    return i < name.size() ? static_cast<unsigned char>(name[i]) : static_cast<unsigned char>(' ');
  };
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_text = std::isalnum(at(i)) != 0 || at(i) >= 0x80;
    const bool is_hump = i > 0 && std::islower(at(i - 1)) != 0 && std::isupper(at(i)) != 0 &&
                         std::islower(at(i + 1)) != 0;
    if ((!is_text || is_hump) && !words.back().empty()) words.emplace_back();
    if (is_text) words.back() += static_cast<char>(std::tolower(at(i)));
  }
  if (words.size() > 1 && words.back().empty()) words.pop_back();
  return words;
}

std::optional<NameSense> sense_of(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  for (std::span<const std::string> rest = words;; rest = rest.subspan(1)) {
    const auto sense = find_sense(rest);
    // "optimizer_name" is no name of a run.
    const bool is_whole = rest.size() == words.size();
    if (sense && (is_whole || sense->role != ColumnRole::run)) return sense;
    if (rest.size() < 2 || !is_among(kPrefixes, rest.front())) break;
  }
  const bool is_norm = is_among(words, "norm") &&
                       (is_among(words, "grad") || is_among(words, "gradient")) &&
                       !is_among(words, "max") && !is_among(words, "clip");
  const bool is_measured =
      is_norm || std::any_of(words.begin(), words.end(),
                             [](const std::string& word) { return is_among(kMeasured, word); });
  if (is_measured) return NameSense{ColumnRole::aside, 0};
  return std::nullopt;
}

bool is_setting_name(std::string_view name) { return is_among(kSettings, joined(words_of(name))); }

}  // namespace etalon
