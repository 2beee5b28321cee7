// The options of asking, as a study keeps them: in its table `meta`, as `suggest.NAME`.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <filesystem>
#include <optional>

#include "etalon/ask_tell.hpp"

namespace etalon {

// Throws InputError naming field, value and constraint.
void check_ask_options(const AskTellOptions& options);

// Stores what is given and was never given before.
void store_ask_options(SQLite::Database& database, const AskTellOptions& options);

// What is given, else stored, else the default: of the batch sizes, those that were run or asked
// for. Throws InputError, naming `path`, when there is no batch size at all.
ProposalOptions merge_ask_options(SQLite::Database& database, const std::filesystem::path& path,
                                  const AskTellOptions& options,
                                  std::optional<std::int64_t> batch_size);

std::optional<std::int64_t> expire_seconds(SQLite::Database& database,
                                           const AskTellOptions& options);

// How often a trial that came to nothing is offered again.
std::int64_t retries(SQLite::Database& database, const AskTellOptions& options);

}  // namespace etalon
