#include "advice/atlas_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "advice/loss_curve.hpp"
#include "etalon/optimum.hpp"
#include "runs/table.hpp"

namespace etalon::bench {
namespace {

constexpr std::size_t kLeastLrs = 5;

bool is_near_power_of_two(double ratio) {
  const double octaves = std::abs(std::log2(ratio));
  const double nearest = std::round(octaves);
  return nearest >= 1.0 && std::abs(octaves - nearest) <= std::log2(1.1);
}

// What η = `lr` loses on a curve whose optimum lies inside.
RuleLoss loss_inside(const LossCurve& curve, double lr) {
  double last_good = curve.best_lr();
  for (const double run : curve.lrs()) {
    if (run <= curve.best_lr()) continue;
    const bool diverged = !curve.loss_at(run);
    if (diverged && lr >= run) return RuleLoss::diverged();
    if (diverged) return {curve.regret(std::min(lr, last_good)), lr > last_good};
    last_good = run;
  }
  const double low = curve.losses().begin()->first;
  if (lr < low) return {curve.regret(low), true};
  return {curve.regret(std::min(lr, last_good)), lr > last_good};
}

// The least lies at the edge or beyond: what is lost against it is no less than what is seen.
std::optional<RuleLoss> loss_at_edge(const LossCurve& curve, double lr) {
  if (lr < curve.losses().begin()->first || lr > curve.losses().rbegin()->first) {
    return std::nullopt;
  }
  return RuleLoss{curve.regret(lr), true};
}

// "language model params=214663680 tokens=4000000000": the optimizer has a column of its own.
std::string name_of(const Setting& setting, const AtlasSource& source) {
  std::string name = source.task;
  std::istringstream words(setting.name);
  for (std::string word; words >> word;) {
    if (word != "optimizer=" + setting.optimizer) name += (name.empty() ? "" : " ") + word;
  }
  std::replace(name.begin(), name.end(), ',', ';');
  return name;
}

// To six decimals: what is less is rounding.
RuleLoss rounded(RuleLoss lost) {
  if (std::isfinite(lost.loss)) lost.loss = std::round(lost.loss * 1e6) / 1e6;
  return lost;
}

struct Best {
  double batch_size;
  Optimum optimum;
  LossCurve curve;
  bool is_edge() const { return optimum.censored != Censoring::none; }
};

RuleLoss loss_of(const std::vector<double>& losses, const LossCurve& curve) {
  double mean = 0.0;
  for (const double loss : losses) mean += loss / static_cast<double>(losses.size());
  return std::isfinite(mean) ? RuleLoss{mean - curve.least(), false} : RuleLoss::diverged();
}

AtlasPair pair_of(const Setting& setting, const AtlasSource& source, const Recipes& recipes,
                  const Best& from, const Best& to) {
  AtlasPair pair{.source = source.name, .url = source.url, .setting = name_of(setting, source)};
  pair.budget = setting.budget;
  pair.optimizer = parse_optimizer_family(setting.optimizer);
  pair.from_batch = from.batch_size;
  pair.to_batch = to.batch_size;
  pair.lr_from = from.optimum.lr;
  pair.lr_to = to.optimum.lr;
  pair.is_from_edge = from.is_edge();
  pair.is_to_edge = to.is_edge();
  pair.best_loss = to.curve.least();
  if (pair.is_from_edge) return pair;
  for (std::size_t i = 0; i < kAtlasRules.size(); ++i) {
    if (!kAtlasRules[i].is_plain) {
      const auto found = recipes.find({setting.name, from.batch_size, to.batch_size});
      if (found != recipes.end()) pair.losses[i] = rounded(loss_of(found->second, to.curve));
      continue;
    }
    const double lr = pair.lr_from * std::pow(pair.kappa(), kAtlasRules[i].power);
    const std::optional<RuleLoss> lost =
        pair.is_to_edge ? loss_at_edge(to.curve, lr) : loss_inside(to.curve, lr);
    if (lost) pair.losses[i] = rounded(*lost);
  }
  return pair;
}

}  // namespace

Recipes read_recipes(const std::filesystem::path& file) {
  const Table table = read_table(file);
  const auto number = [&](const char* column, std::size_t row) {
    return std::stod(table.column(column).at(row));
  };
  Recipes recipes;
  for (std::size_t row = 0; row < table.size(); ++row) {
    const std::string setting =
        fmt::format("model={} optimizer={} examples={}", table.column("model").at(row),
                    table.column("optimizer").at(row), table.column("examples").at(row));
    recipes[{setting, number("from_batch", row), number("batch_size", row)}].push_back(
        number("loss", row));
  }
  return recipes;
}

std::vector<AtlasPair> atlas_pairs(const Setting& setting, const AtlasSource& source,
                                   const Recipes& recipes) {
  std::vector<Best> bests;
  for (const auto& [size, runs] : setting.runs) {
    LossCurve curve(runs);
    if (curve.losses().size() < kLeastLrs) continue;
    bests.push_back({size, estimate_optimum(runs, {}), std::move(curve)});
  }
  std::vector<AtlasPair> pairs;
  for (const Best& from : bests) {
    for (const Best& to : bests) {
      if (is_near_power_of_two(to.batch_size / from.batch_size)) {
        pairs.push_back(pair_of(setting, source, recipes, from, to));
      }
    }
  }
  return pairs;
}

}  // namespace etalon::bench
