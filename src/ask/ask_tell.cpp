#include "etalon/ask_tell.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>
#include <system_error>
#include <utility>

#include "ask/ask_settings.hpp"
#include "etalon/error.hpp"
#include "store/study_schema.hpp"
#include "store/suggestion_rows.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// How long a call waits for those of other processes, each of which takes a fraction of a second.
constexpr int kAskBusyMilliseconds = 60000;
// No study of `etalon study` is taken for one of ours, nor ours for one of its.
const Fingerprint kFingerprint = {{"study.kind", "ask and tell"}};

fs::path file_of(const fs::path& study) {
  if (study.empty()) throw InputError("the study has no name", "", "name a directory or .db file");
  std::error_code ignored;
  const bool is_file = study.extension() == ".db" || fs::is_regular_file(study, ignored);
  return is_file ? study : study / "study.db";
}

// SQLite makes what is not there, so it is asked to open regular files and new ones only.
void prepare_file(const fs::path& study, const fs::path& path, StudyOpening opening) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_regular_file(status)) return;
  if (fs::exists(status)) {
    throw InputError("this is not a study file", path.string(), "name a directory or .db file");
  }
  if (opening == StudyOpening::existing) {
    throw InputError(
        "there is no study", path.string(),
        fmt::format("make one by naming a batch size: etalon suggest {} --batch-size 256",
                    study.string()));
  }
  if (!path.has_parent_path()) return;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    throw InputError(fmt::format("cannot make the directory ({})", error.message()),
                     path.parent_path().string(), "choose another");
  }
}

void check_batch_size(std::int64_t batch_size) {
  if (batch_size >= 1) return;
  throw InputError(fmt::format("--batch-size is {}", batch_size), "",
                   "a batch size must be at least 1");
}

void check(const TrialSpec& spec) {
  check_batch_size(spec.batch_size);
  if (!(spec.lr >= 1e-300 && std::isfinite(spec.lr))) {
    throw InputError(fmt::format("--lr is {}", spec.lr), "",
                     "a learning rate must be finite and above 0");
  }
}

std::string text_of(const TrialOutcome& outcome) {
  if (outcome.state == TrialState::finished) return fmt::format("loss {}", *outcome.loss);
  return outcome.state == TrialState::diverged ? "a divergence" : "a failure";
}

std::int64_t system_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

TrialOutcome TrialOutcome::of_loss(double loss) {
  if (!std::isfinite(loss)) return {TrialState::diverged, std::nullopt};
  return {TrialState::finished, loss};
}

struct AskTell::State {
  State(fs::path file, Clock time)
      : path(std::move(file)),
        clock(std::move(time)),
        database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                 kAskBusyMilliseconds) {}

  // Calls `function` in a transaction that no other writer can be in.
  template <typename Function>
  auto change(Function&& function) {
    return with_sqlite(path, [&] {
      SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
      create_suggestions(database);
      auto result = function();
      transaction.commit();
      return result;
    });
  }

  std::vector<Observation> known() {
    std::vector<Observation> all = select_sweep(database);
    for (const AskedTrial& run : select_suggestions(database)) {
      const auto& [batch_size, lr, seed, moved] = run.spec;
      if (is_result(run.state)) {
        all.push_back({static_cast<double>(batch_size), lr, seed, run.loss});
      }
    }
    return all;
  }

  ProposalOptions merged(std::optional<std::int64_t> batch_size, const AskTellOptions& options) {
    std::set<std::int64_t> run;
    for (const Observation& each : known()) run.insert(std::llround(each.batch_size));
    for (const AskedTrial& each : select_suggestions(database)) run.insert(each.spec.batch_size);
    return merge_ask_options(database, path, options, batch_size,
                             std::vector(run.begin(), run.end()));
  }

  AskedTrial add(const TrialSpec& spec, const TrialOutcome& outcome) {
    const auto runs = select_suggestions(database);
    AskedTrial run{
        runs.empty() ? 1 : runs.back().id + 1, spec, outcome.state, outcome.loss, clock(), {}};
    if (run.state != TrialState::pending) run.observed_at = run.asked_at;
    insert_suggestion(database, run);
    return run;
  }

  AskedTrial apply(AskedTrial run, const TrialOutcome& outcome, bool replace) {
    const TrialOutcome before{run.state, run.loss};
    if (before == outcome) return run;
    if (is_result(run.state) && !replace) {
      throw InputError(fmt::format("trial {} has {} already and is told {}", run.id,
                                   text_of(before), text_of(outcome)),
                       path.string(), "pass --replace if the new one is right");
    }
    run.state = outcome.state;
    run.loss = outcome.loss;
    run.observed_at = clock();
    update_suggestion(database, run);
    return run;
  }

  // The first run among `batch_sizes` that failed or has expired, pending once more.
  std::optional<Answer> offer_again(std::span<const std::int64_t> batch_sizes,
                                    std::optional<std::int64_t> expire) {
    for (AskedTrial run : select_suggestions(database)) {
      const bool wanted = std::count(batch_sizes.begin(), batch_sizes.end(), run.spec.batch_size);
      const bool failed = run.state == TrialState::failed;
      const bool expired =
          run.state == TrialState::pending && expire && clock() - run.asked_at >= *expire;
      if (!wanted || !(failed || expired)) continue;
      run.state = TrialState::pending;
      run.asked_at = clock();
      run.observed_at.reset();
      update_suggestion(database, run);
      return Answer{
          run, failed ? "offered again: it failed" : "offered again: nobody told what it came to"};
    }
    return std::nullopt;
  }

  fs::path path;
  Clock clock;
  SQLite::Database database;
};

AskTell::AskTell(const fs::path& study, StudyOpening opening, Clock clock) {
  const fs::path path = file_of(study);
  prepare_file(study, path, opening);
  with_sqlite(path, [&] {
    state_ = std::make_unique<State>(path, clock ? std::move(clock) : system_seconds);
    if (is_blank(state_->database)) create_schema(state_->database, kFingerprint);
    check_format(state_->database, path);
  });
}

AskTell::~AskTell() = default;
AskTell::AskTell(AskTell&&) noexcept = default;
AskTell& AskTell::operator=(AskTell&&) noexcept = default;

AskTell::Answer AskTell::ask(std::optional<std::int64_t> batch_size,
                             const AskTellOptions& options) {
  check_ask_options(options);
  if (batch_size) check_batch_size(*batch_size);
  return state_->change([&]() -> Answer {
    const ProposalOptions merged = state_->merged(batch_size, options);
    store_ask_options(state_->database, options);
    const auto expire = expire_seconds(state_->database, options);
    const auto wanted = batch_size ? std::vector{*batch_size} : merged.batch_sizes;
    if (auto again = state_->offer_again(wanted, expire)) return *again;
    std::vector<TrialSpec> pending;
    for (const AskedTrial& run : select_suggestions(state_->database)) {
      if (!is_result(run.state)) pending.push_back(run.spec);
    }
    Proposal proposal = propose(state_->known(), pending, merged, batch_size);
    return {state_->add(proposal.spec, {TrialState::pending, {}}), std::move(proposal.reason)};
  });
}

AskedTrial AskTell::tell(std::int64_t id, const TrialOutcome& outcome, bool replace) {
  return state_->change([&] {
    const auto runs = select_suggestions(state_->database);
    const auto found = std::find_if(runs.begin(), runs.end(),
                                    [id](const AskedTrial& run) { return run.id == id; });
    if (found == runs.end()) {
      throw InputError(fmt::format("there is no trial {}", id), state_->path.string(),
                       runs.empty() ? "none was suggested yet"
                                    : fmt::format("those suggested are 1 to {}", runs.back().id));
    }
    return state_->apply(*found, outcome, replace);
  });
}

AskedTrial AskTell::tell(const TrialSpec& spec, const TrialOutcome& outcome, bool replace) {
  check(spec);
  return state_->change([&] {
    const auto runs = select_suggestions(state_->database);
    const auto found = std::find_if(runs.begin(), runs.end(),
                                    [&](const AskedTrial& run) { return run.spec == spec; });
    return found == runs.end() ? state_->add(spec, outcome)
                               : state_->apply(*found, outcome, replace);
  });
}

std::vector<AskedTrial> AskTell::trials() const {
  return with_sqlite(state_->path, [&] { return select_suggestions(state_->database); });
}

std::vector<Observation> AskTell::observations() const {
  return with_sqlite(state_->path, [&] { return state_->known(); });
}

ProposalOptions AskTell::proposal_options(std::optional<std::int64_t> batch_size,
                                          const AskTellOptions& options) const {
  check_ask_options(options);
  return with_sqlite(state_->path, [&] { return state_->merged(batch_size, options); });
}

}  // namespace etalon
