// The table of facts as text.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "etalon/atlas.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::array<std::string_view, 16> kColumns = {
    "source",      "url",        "setting",      "budget",         "optimizer", "family",
    "from_batch",  "to_batch",   "lr_from",      "lr_to",          "edge",      "best_loss",
    "fixed_loses", "sqrt_loses", "linear_loses", "sde_power_loses"};
// Places in it.
enum : std::size_t {
  kBudget = 3,
  kOptimizer,
  kFamily,
  kFromBatch,
  kToBatch,
  kLrFrom,
  kLrTo,
  kEdge,
  kBestLoss,
  kFirstLoss
};

using AtlasFields = std::array<std::string_view, kColumns.size()>;

// One line of the table, which knows where it stands.
class AtlasLine {
 public:
  AtlasLine(std::string_view text, std::size_t line) : line_(line) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const std::size_t comma = text.find(',');
      if ((comma == std::string_view::npos) != (i + 1 == kColumns.size())) {
        throw InputError(
            fmt::format("the atlas has a row of other than {} fields", kColumns.size()),
            fmt::format("line {}", line), "");
      }
      fields_[i] = text.substr(0, comma);
      if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
    }
  }

  AtlasPair pair() const {
    AtlasPair pair;
    pair.source = fields_[0];
    pair.url = fields_[1];
    pair.setting = fields_[2];
    pair.budget = budget();
    pair.optimizer = optimizer();
    pair.from_batch = positive(kFromBatch);
    pair.to_batch = positive(kToBatch);
    if (pair.from_batch == pair.to_batch) reject(kToBatch, "a pair has two batch sizes");
    pair.lr_from = positive(kLrFrom);
    pair.lr_to = positive(kLrTo);
    read_edge(pair);
    pair.best_loss = number(fields_[kBestLoss], kBestLoss);
    for (std::size_t i = 0; i < pair.losses.size(); ++i) {
      pair.losses[i] = loss(kFirstLoss + i, kAtlasRules[i].is_plain);
    }
    return pair;
  }

 private:
  [[noreturn]] void reject(std::size_t column, std::string_view why) const {
    throw InputError(fmt::format("the atlas has '{}' for {}", fields_[column], kColumns[column]),
                     fmt::format("line {}", line_), why);
  }

  HeldBudget budget() const {
    if (fields_[kBudget] == "examples") return HeldBudget::examples;
    if (fields_[kBudget] != "steps") reject(kBudget, "write examples or steps");
    return HeldBudget::steps;
  }

  OptimizerFamily optimizer() const {
    const OptimizerInfo* info = find_optimizer(fields_[kOptimizer]);
    if (!info) reject(kOptimizer, "name an optimizer that etalon has");
    if (fields_[kFamily] != to_string(info->update)) reject(kFamily, "it is not that optimizer's");
    return info->family;
  }

  double number(std::string_view text, std::size_t column) const {
    double value = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size() || !std::isfinite(value)) {
      reject(column, "write a number");
    }
    return value;
  }

  double positive(std::size_t column) const {
    const double value = number(fields_[column], column);
    if (value <= 0.0) reject(column, "it must be above 0");
    return value;
  }

  void read_edge(AtlasPair& pair) const {
    const std::string_view edge = fields_[kEdge];
    if (!edge.empty() && edge != "from" && edge != "to" && edge != "both") {
      reject(kEdge, "write from, to, both or nothing");
    }
    pair.is_from_edge = edge == "from" || edge == "both";
    pair.is_to_edge = edge == "to" || edge == "both";
  }

  std::optional<RuleLoss> loss(std::size_t column, bool is_plain) const {
    std::string_view text = fields_[column];
    if (text.empty()) return std::nullopt;
    if (text == "diverged") return RuleLoss::diverged();
    RuleLoss read;
    read.at_least = text.front() == '>';
    if (read.at_least) text.remove_prefix(1);
    read.loss = number(text, column);
    if (is_plain && read.loss < 0.0) reject(column, "it must be at least 0");
    return read;
  }

  std::size_t line_;
  AtlasFields fields_;
};

std::string header() {
  std::string text;
  for (const std::string_view column : kColumns) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", column);
  }
  return text;
}

std::string_view edge_word(const AtlasPair& pair) {
  if (pair.is_from_edge) return pair.is_to_edge ? "both" : "from";
  return pair.is_to_edge ? "to" : "";
}

std::string loss_text(const std::optional<RuleLoss>& loss) {
  if (!loss) return "";
  if (std::isinf(loss->loss)) return "diverged";
  return fmt::format("{}{:.4g}", loss->at_least ? ">" : "", loss->loss);
}

void check_plain(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) return;
  throw InputError(fmt::format("'{}' has a comma, a quote or the end of a line", text), "",
                   "the atlas has none in its fields");
}

}  // namespace

std::vector<AtlasPair> parse_atlas(std::string_view csv) {
  std::vector<AtlasPair> pairs;
  for (std::size_t line = 1; !csv.empty(); ++line) {
    const std::size_t end = csv.find('\n');
    const std::string_view text = csv.substr(0, end);
    csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
    if (line > 1) {
      pairs.push_back(AtlasLine(text, line).pair());
    } else if (text != header()) {
      throw InputError("the atlas has another header", "line 1",
                       fmt::format("it must be {}", header()));
    }
  }
  return pairs;
}

std::string write_atlas(std::span<const AtlasPair> pairs) {
  std::string text = header() + '\n';
  for (const AtlasPair& pair : pairs) {
    for (const std::string* part : {&pair.source, &pair.url, &pair.setting}) check_plain(*part);
    text += fmt::format(
        "{},{},{},{},{},{},{:.4g},{:.4g},{:.4g},{:.4g},{},{:.4g}", pair.source, pair.url,
        pair.setting, pair.budget == HeldBudget::steps ? "steps" : "examples",
        to_string(pair.optimizer), to_string(optimizer_info(pair.optimizer).update),
        pair.from_batch, pair.to_batch, pair.lr_from, pair.lr_to, edge_word(pair), pair.best_loss);
    for (const auto& loss : pair.losses) text += ',' + loss_text(loss);
    text += '\n';
  }
  return text;
}

}  // namespace etalon
