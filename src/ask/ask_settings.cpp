#include "ask/ask_settings.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "etalon/error.hpp"
#include "store/study_schema.hpp"

namespace etalon {
namespace {

constexpr std::array<std::string_view, 4> kSgdLike = {"sgd", "momentum", "nesterov", "lars"};
constexpr double kFirstLrOfSgd = 0.1;
constexpr double kFirstLrOfAdaptive = 0.001;

std::optional<std::string> stored(SQLite::Database& database, const char* name) {
  SQLite::Statement select(database, "SELECT value FROM meta WHERE key = 'suggest.' || ?");
  select.bind(1, name);
  if (!select.executeStep()) return std::nullopt;
  return select.getColumn(0).getString();
}

template <typename Number>
std::optional<Number> parsed(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <typename Number>
std::optional<Number> stored_number(SQLite::Database& database, const char* name) {
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
  const bool sgd = std::find(kSgdLike.begin(), kSgdLike.end(), optimizer) != kSgdLike.end();
  return sgd ? UpdateKind::sgd : UpdateKind::adaptive;
}

// Of the optimizer given once, else of the one that `etalon study` wrote down.
UpdateKind known_update(SQLite::Database& database) {
  if (const auto update = stored(database, "update")) return kind_of(*update);
  for (const auto& [key, value] : read_fingerprint(database)) {
    if (key == "optimizer") return kind_of(value);
  }
  return UpdateKind::adaptive;
}

}  // namespace

void check_ask_options(const AskTellOptions& options) {
  if (options.expire_seconds && *options.expire_seconds < 1) {
    throw InputError(fmt::format("--expire is {} seconds", *options.expire_seconds), "",
                     "expire_seconds must be above 0");
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
  const auto store = [&](const char* name, const std::string& value) {
    SQLite::Statement insert(database, "INSERT OR IGNORE INTO meta VALUES ('suggest.' || ?, ?)");
    insert.bind(1, name);
    insert.bind(2, value);
    insert.exec();
  };
  if (!options.batch_sizes.empty()) {
    store("batch_sizes", fmt::format("{}", fmt::join(options.batch_sizes, ",")));
  }
  if (options.update) store("update", *options.update == UpdateKind::sgd ? "sgd" : "adaptive");
  if (options.first_lr) store("first_lr", fmt::format("{}", *options.first_lr));
  if (options.seeds) store("seeds", fmt::format("{}", *options.seeds));
  if (options.expire_seconds) store("expire", fmt::format("{}", *options.expire_seconds));
}

ProposalOptions merge_ask_options(SQLite::Database& database, const std::filesystem::path& path,
                                  const AskTellOptions& options,
                                  std::optional<std::int64_t> batch_size,
                                  std::span<const std::int64_t> run) {
  ProposalOptions merged;
  merged.batch_sizes = options.batch_sizes;
  if (merged.batch_sizes.empty()) merged.batch_sizes = stored_batch_sizes(database);
  if (merged.batch_sizes.empty() && batch_size) merged.batch_sizes = {*batch_size};
  if (merged.batch_sizes.empty()) merged.batch_sizes.assign(run.begin(), run.end());
  if (merged.batch_sizes.empty()) {
    throw InputError("no batch size is known", path.string(),
                     "name one with --batch-size, or those you care about with --for");
  }
  merged.update = options.update.value_or(known_update(database));
  merged.first_lr = options.first_lr.value_or(
      stored_number<double>(database, "first_lr")
          .value_or(merged.update == UpdateKind::sgd ? kFirstLrOfSgd : kFirstLrOfAdaptive));
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

}  // namespace etalon
