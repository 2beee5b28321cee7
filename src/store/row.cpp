#include "store/row.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {

void fail_damaged(const std::string& what) { throw SQLite::Exception(what, SQLITE_CORRUPT); }

TrialState state_in(const SQLite::Column& column) {
  const std::string word = column.getString();
  const auto state = parse_trial_state(word);
  if (!state || *state == TrialState::interrupted) fail_damaged("unknown state " + word);
  return *state;
}

void check_stored(const std::string& name, const TrialSpec& spec, TrialState state,
                  const std::optional<double>& loss) {
  const auto refuse = [&](const std::string& what) { fail_damaged(name + " has " + what); };
  if (!is_valid_batch_size(static_cast<double>(spec.batch_size))) {
    refuse(fmt::format("batch size {}", spec.batch_size));
  }
  if (!is_valid_lr(spec.lr)) refuse(fmt::format("learning rate {}", spec.lr));
  if (loss && !is_valid_loss(*loss)) refuse(fmt::format("loss {}", *loss));
  if (state == TrialState::finished && !loss) refuse("no loss and is said to be finished");
}

}  // namespace etalon
