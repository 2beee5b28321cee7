// optimum_bench: whether intervals of optima hold on seeds that they have not seen.
//
//   optimum_bench RUNS.csv... [--seeds N] [--thin N] [--level P]
//
// Of every setting the runs of N of its seeds give one estimate at each batch size, those of the
// other seeds another. Both are of the same optimum: where intervals are as stated, two estimates
// lie within the root of the sum of the squares of the half intervals between them as often as the
// level says.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <exception>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "advice/cases.hpp"
#include "advice/setting.hpp"
#include "etalon/optimum.hpp"

namespace etalon::bench {
namespace {

struct Tally {
  int pairs = 0, held = 0, open = 0;
  double widths = 0.0, apart = 0.0;  // of bounded pairs, in octaves

  void add(const Tally& other) {
    pairs += other.pairs;
    held += other.held;
    open += other.open;
    widths += other.widths;
    apart += other.apart;
  }
  void print(const std::string& name) const {
    const double bounded = std::max(1, pairs - open);
    fmt::print(
        "{:<16} {:>5} pairs, {:>3.0f} of 100 agree, {:>3} open, mean width {:.2f} octaves, "
        "mean distance {:.2f}\n",
        name, pairs, 100.0 * held / std::max(1, pairs), open, widths / bounded, apart / bounded);
  }
};

// Every other learning rate of `every`, from the one at `first`.
std::vector<Observation> some_of(const std::vector<Observation>& runs,
                                 const std::set<std::uint64_t>& seeds, int every) {
  std::map<double, int> places;
  for (const Observation& run : runs) places.try_emplace(run.lr, 0);
  int place = 0;
  for (auto& [lr, own] : places) own = place++;
  std::vector<Observation> kept;
  for (const Observation& run : runs) {
    if (places[run.lr] % every == 0 && seeds.contains(*run.seed)) kept.push_back(run);
  }
  return kept;
}

std::map<double, Optimum> optima_of(const Setting& setting, const std::set<std::uint64_t>& seeds,
                                    int every, double level) {
  std::vector<Observation> all;
  for (const auto& [batch_size, runs] : setting.runs) {
    const auto here = some_of(runs, seeds, every);
    all.insert(all.end(), here.begin(), here.end());
  }
  std::map<double, Optimum> optima;
  for (const Optimum& each : estimate_optima(all, {.level = level})) {
    optima.emplace(each.batch_size, each);
  }
  return optima;
}

void compare(const Optimum& a, const Optimum& b, Tally& tally) {
  const Optimum& low = a.lr < b.lr ? a : b;
  const Optimum& high = a.lr < b.lr ? b : a;
  ++tally.pairs;
  if (!low.lr_high || !high.lr_low) {
    ++tally.held;
    ++tally.open;
    return;
  }
  const double distance = std::log2(high.lr / low.lr);
  const double within =
      std::hypot(std::log2(*low.lr_high / low.lr), std::log2(high.lr / *high.lr_low));
  tally.held += distance <= within;
  tally.widths += std::sqrt(2.0) * within;
  tally.apart += distance;
}

// Every way to take `count` of the seeds.
std::vector<std::set<std::uint64_t>> choices(const std::vector<std::uint64_t>& seeds,
                                             std::size_t count) {
  std::vector<std::set<std::uint64_t>> all;
  for (std::uint32_t bits = 0; bits < (1U << seeds.size()); ++bits) {
    std::set<std::uint64_t> chosen;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      if ((bits >> i) & 1U) chosen.insert(seeds[i]);
    }
    if (chosen.size() == count) all.push_back(std::move(chosen));
  }
  return all;
}

Tally score(const Setting& setting, std::size_t count, int thin, double level, int most) {
  std::set<std::uint64_t> seeds;
  for (const auto& [batch_size, runs] : setting.runs) {
    for (const Observation& run : runs) {
      if (run.seed) seeds.insert(*run.seed);
    }
  }
  Tally tally;
  const std::vector<std::uint64_t> list(seeds.begin(), seeds.end());
  if (list.size() <= count) return tally;
  const auto all = choices(list, count);
  for (std::size_t i = 0; i < all.size() && i < static_cast<std::size_t>(most); ++i) {
    std::set<std::uint64_t> others = seeds;
    for (const std::uint64_t seed : all[i]) others.erase(seed);
    const auto here = optima_of(setting, all[i], thin, level);
    const auto there = optima_of(setting, others, thin, level);
    for (const auto& [batch_size, optimum] : here) {
      const auto other = there.find(batch_size);
      if (other != there.end()) compare(optimum, other->second, tally);
    }
  }
  return tally;
}

int run(int argc, char** argv) {
  CLI::App app("Whether intervals of optima hold on seeds that they have not seen.");
  std::vector<std::string> files;
  std::size_t seeds = 2;
  int thin = 1, most = 10;
  double level = 0.9;
  app.add_option("RUNS", files, "CSV or JSON lines of runs with seeds")->required();
  app.add_option("--seeds", seeds, "of one estimate; the others give the other")
      ->capture_default_str();
  app.add_option("--thin", thin, "known are only every so many learning rates")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--level", level, "of the intervals")->capture_default_str();
  app.add_option("--choices", most, "of seeds, at most")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  Tally all;
  for (const std::string& file : files) {
    for (const Family& family : read_families(file, {}, "")) {
      Tally tally;
      for (const Setting& setting : family.settings) {
        tally.add(score(setting, seeds, thin, level, most));
      }
      tally.print(family.name);
      std::fflush(stdout);
      all.add(tally);
    }
  }
  all.print("all");
  return 0;
}

}  // namespace
}  // namespace etalon::bench

int main(int argc, char** argv) {
  try {
    return etalon::bench::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "optimum_bench: {}\n", error.what());
    return 1;
  }
}
