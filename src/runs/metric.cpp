#include "runs/metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "metrics/column_names.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

using MetricWords = std::span<const std::string_view>;

constexpr std::string_view kLosses[] = {"loss", "nll", "logloss", "crossentropy", "entropy",
                                        "xent", "bpb", "bpc",     "objective",    "value"};
constexpr std::string_view kErrors[] = {"perplexity", "ppl", "error", "err",      "errors", "mse",
                                        "rmse",       "mae", "mape",  "wer",      "cer",    "fid",
                                        "brier",      "eer", "cost",  "deviance", "ce"};
constexpr std::string_view kGains[] = {
    "accuracy", "acc",         "top1",       "top5",    "acc1",    "acc5",        "f1",
    "fscore",   "f1score",     "auc",        "auroc",   "rocauc",  "auprc",       "ap",
    "map",      "map50",       "iou",        "miou",    "dice",    "recall",      "jaccard",
    "bleu",     "bleu4",       "sacrebleu",  "chrf",    "rouge",   "rouge1",      "rouge2",
    "rougel",   "meteor",      "cider",      "reward",  "rewards", "return",      "returns",
    "score",    "r2",          "psnr",       "ssim",    "mrr",     "ndcg",        "hits",
    "kappa",    "mcc",         "elo",        "winrate", "em",      "success",     "pearson",
    "spearman", "correlation", "likelihood", "elbo",    "sharpe",  "specificity", "sensitivity",
    "pass",     "solved",      "precision"};
// Measured without a bound above.
constexpr std::string_view kUnbounded[] = {"reward", "rewards",    "return", "returns", "elo",
                                           "psnr",   "likelihood", "elbo",   "sharpe",  "cider"};
constexpr std::string_view kHeldOut[] = {"val", "valid",   "validation", "eval", "evaluation",
                                         "dev", "heldout", "holdout",    "held"};
constexpr std::string_view kTrained[] = {"train", "training", "tr"};
// Not a metric, but what surrounds one.
constexpr std::string_view kSurroundings[] = {
    "fn",     "function", "type", "name",    "weight", "weights", "scale", "std",
    "stderr", "var",      "lr",   "coef",    "lambda", "alpha",   "beta",  "gamma",
    "size",   "batch",    "clip", "runtime", "time",   "monitor"};
constexpr std::string_view kFlattering[] = {"best", "min", "max"};

bool has_any(std::span<const std::string> words, MetricWords among) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(among.begin(), among.end(), word) != among.end();
  });
}

// 0 for validation, 1 for test, 2 for neither, 3 for training.
int held_out_rank(std::span<const std::string> words) {
  if (has_any(words, kTrained)) return 3;
  if (has_any(words, kHeldOut)) return 0;
  return std::find(words.begin(), words.end(), "test") != words.end() ? 1 : 2;
}

// "neg_log_likelihood" is a loss, "neg_mean_squared_error" is none.
bool is_negated(std::span<const std::string> words) {
  return !words.empty() && (words.front() == "neg" || words.front() == "negative");
}

// In blocks: held-out losses, losses, gains of each kind, then what was measured in training.
int rank_of(std::span<const std::string> words, bool is_gain) {
  constexpr int kBlocks[2][4] = {{0, 1, 2, 6}, {3, 4, 5, 7}};
  const auto is_word = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const int kind = is_word("loss") ? 0 : has_any(words, kLosses) ? (is_word("value") ? 2 : 1) : 3;
  const int detail = 4 * kind + 20 * static_cast<int>(has_any(words, kFlattering)) +
                     static_cast<int>(std::min<std::size_t>(words.size(), 3));
  return 100 * kBlocks[is_gain ? 1 : 0][held_out_rank(words)] + detail;
}

std::vector<double> values_of(const Table& table, const TableColumn& column) {
  std::vector<double> values;
  values.reserve(table.size());
  for (std::size_t row = 0; row < table.size(); ++row) {
    values.push_back(parse_number(column.at(row)).value_or(NAN));
  }
  return values;
}

}  // namespace

double bound_of(std::string_view metric, std::span<const double> values) {
  if (has_any(words_of(metric), kUnbounded)) return 0.0;
  double least = INFINITY, greatest = -INFINITY;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  if (least < 0.0 || greatest > 100.0) return 0.0;
  return greatest <= 1.0 ? 1.0 : 100.0;
}

std::string Metric::loss_text() const {
  if (!is_maximized()) return column;
  return best == 0.0 ? fmt::format("-{}", column) : fmt::format("{:g} - {}", best, column);
}

std::optional<MetricSense> metric_sense_of(std::string_view name) {
  const std::vector<std::string> words = words_of(name);
  const bool is_loss = has_any(words, kLosses) || has_any(words, kErrors);
  const bool is_gain = !is_loss && has_any(words, kGains);
  // A precision alone is that of numbers.
  const bool is_bare = words.size() == 1 && words.front() == "precision";
  if ((!is_loss && !is_gain) || is_bare) return std::nullopt;
  if (has_any(words, kSurroundings)) return std::nullopt;
  const bool is_maximized = is_gain != is_negated(words);
  return MetricSense{is_maximized ? MetricMode::maximized : MetricMode::minimized,
                     rank_of(words, is_maximized), is_gain && !has_any(words, kUnbounded)};
}

int held_out_rank_of(std::string_view name) { return held_out_rank(words_of(name)); }

Metric make_metric(const Table& table, const std::string& column,
                   std::optional<MetricMode> requested) {
  Metric metric{column};
  const auto sense = metric_sense_of(column);
  metric.mode = requested.value_or(sense ? sense->mode : MetricMode::minimized);
  if (metric.is_maximized()) metric.best = bound_of(column, values_of(table, table.column(column)));
  return metric;
}

}  // namespace etalon
