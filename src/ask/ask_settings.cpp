#include "ask/ask_settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "store/asked_rows.hpp"
#include "store/shared_study.hpp"
#include "store/study_schema.hpp"

namespace etalon {
namespace {

// As those of a study.
constexpr std::int64_t kRetries = 1;

std::optional<std::string> stored(SQLite::Database& database, const std::string& name) {
  return read_meta_value(database, "suggest." + name);
}

template <typename Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename Number>
std::optional<Number> stored_number(SQLite::Database& database, const std::string& name) {
  return parsed<Number>(stored(database, name).value_or(""));
}

std::vector<std::int64_t> stored_batch_sizes(SQLite::Database& database) {
  const std::string all = stored(database, "batch_sizes").value_or("");
  std::vector<std::int64_t> numbers;
  for (std::string_view text = all; !text.empty();) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (const auto number = parsed<std::int64_t>(text.substr(0, comma))) {
      numbers.push_back(*number);
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return numbers;
}

UpdateKind kind_of(std::string_view optimizer) {
  const OptimizerInfo* info = find_optimizer(optimizer);
  return info != nullptr ? info->update : UpdateKind::adaptive;
}

double usual_first_lr(UpdateKind update) {
  const bool sgd = update == UpdateKind::sgd;
  return optimizer_info(sgd ? OptimizerFamily::sgd : OptimizerFamily::adamw).first_lr;
}

// Of the optimizer given once, else of the one that `etalon study` wrote down.
UpdateKind known_update(SQLite::Database& database) {
  if (const auto update = stored(database, "update")) return kind_of(*update);
  const auto optimizer = setting_of(read_fingerprint(database), "optimizer");
  return optimizer ? kind_of(*optimizer) : UpdateKind::adaptive;
}

// Ascending.
std::vector<std::int64_t> known_batch_sizes(SQLite::Database& database) {
  std::set<std::int64_t> sizes;
  for (const std::int64_t size : asked_batch_sizes(database)) sizes.insert(size);
  for (const Observation& trial : select_trial_sweep(database)) {
    sizes.insert(std::llround(trial.batch_size));
  }
  return {sizes.begin(), sizes.end()};
}

}  // namespace

void check_ask_options(const AskTellOptions& options) {
  if (options.expire_seconds && *options.expire_seconds < 1) {
    throw InputError(fmt::format("{} is {}", field_name("expire_seconds"), *options.expire_seconds),
                     "", "it must be above 0");
  }
  if (options.retries && (*options.retries < 0 || *options.retries > kMostRetries)) {
    throw InputError(fmt::format("{} is {}", field_name("retries"), *options.retries), "",
                     fmt::format("it must be in [0, {}]", kMostRetries));
  }
  // Those that are not given are within their ranges.
  ProposalOptions given;
  given.batch_sizes =
      options.batch_sizes.empty() ? std::vector<std::int64_t>{1} : options.batch_sizes;
  given.first_lr = options.first_lr.value_or(given.first_lr);
  given.seeds = options.seeds.value_or(given.seeds);
  given.validate();
}

void store_ask_options(SQLite::Database& database, const AskTellOptions& options) {
  const auto store = [&](const std::string& name, const std::string& value) {
    store_meta_value(database, "suggest." + name, value, false);
  };
  if (!options.batch_sizes.empty()) {
    store("batch_sizes", fmt::format("{}", fmt::join(options.batch_sizes, ",")));
  }
  if (options.update) store("update", std::string(to_string(*options.update)));
  if (options.first_lr) store("first_lr", fmt::format("{}", *options.first_lr));
  if (options.seeds) store("seeds", fmt::format("{}", *options.seeds));
  if (options.expire_seconds) store("expire", fmt::format("{}", *options.expire_seconds));
  if (options.retries) store("retries", fmt::format("{}", *options.retries));
}

ProposalOptions merge_ask_options(SQLite::Database& database, const std::filesystem::path& path,
                                  const AskTellOptions& options,
                                  std::optional<std::int64_t> batch_size) {
  ProposalOptions merged;
  merged.batch_sizes = options.batch_sizes;
  if (merged.batch_sizes.empty()) merged.batch_sizes = stored_batch_sizes(database);
  if (merged.batch_sizes.empty() && batch_size) merged.batch_sizes = {*batch_size};
  if (merged.batch_sizes.empty()) merged.batch_sizes = known_batch_sizes(database);
  if (merged.batch_sizes.empty()) {
    throw InputError("no batch size is known", path.string(),
                     fmt::format("name one by {}, or those you care about by {}",
                                 field_name("batch_size"), field_name("batch_sizes")));
  }
  merged.update = options.update.value_or(known_update(database));
  merged.first_lr = options.first_lr.value_or(
      stored_number<double>(database, "first_lr").value_or(usual_first_lr(merged.update)));
  merged.seeds =
      options.seeds.value_or(stored_number<std::int64_t>(database, "seeds").value_or(merged.seeds));
  merged.validate();
  return merged;
}

std::optional<std::int64_t> expire_seconds(SQLite::Database& database,
                                           const AskTellOptions& options) {
  if (options.expire_seconds) return options.expire_seconds;
  return stored_number<std::int64_t>(database, "expire");
}

std::int64_t retries(SQLite::Database& database, const AskTellOptions& options) {
  if (options.retries) return *options.retries;
  return stored_number<std::int64_t>(database, "retries").value_or(kRetries);
}

}  // namespace etalon
