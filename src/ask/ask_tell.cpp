#include "etalon/ask_tell.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <system_error>
#include <utility>

#include "ask/ask_settings.hpp"
#include "core/file_lock.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "store/asked_rows.hpp"
#include "store/shared_study.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

// What a decision looks at: on either side of the best of a batch size, and at each learning rate.
// A study with less is known whole, one with more costs no more.
constexpr std::int64_t kNearestLrs = 256;
// Farther on, where so many lie close together: eighths of octaves, over four on either side.
constexpr std::int64_t kBins = 32;
constexpr double kBin = 1.0905;
constexpr std::int64_t kLrsPerBin = 8;
constexpr std::int64_t kLeastSeeds = 32;
// How long a process lets others decide before it: those who decide at once decide the same, and
// all but one would have to decide anew.
constexpr auto kPatience = std::chrono::seconds(60);

fs::path file_of(const fs::path& study) {
  if (study.empty()) throw InputError("the study has no name", "", "name a directory or .db file");
  std::error_code ignored;
  const bool is_file = study.extension() == ".db" || fs::is_regular_file(study, ignored);
  return is_file ? study : study / "study.db";
}

// SQLite makes what is not there, so it is asked to open regular files and new ones only.
void prepare_file(const fs::path& path, StudyOpening opening) {
  std::error_code error;
  check_kind(path);
  if (fs::is_regular_file(path, error)) return;
  if (opening == StudyOpening::existing) {
    throw InputError("there is no study", path.string(),
                     fmt::format("begin one with {}", field_name("opening create")));
  }
  if (!path.has_parent_path()) return;
  fs::create_directories(path.parent_path(), error);
  if (error) {
    throw InputError(fmt::format("cannot make the directory ({})", error.message()),
                     path.parent_path().string(), "choose another");
  }
}

void check_told(const TrialSpec& spec) {
  check_batch_size(static_cast<double>(spec.batch_size));
  check_lr(spec.lr);
  if (!spec.moved.any()) return;
  throw InputError("the trial moves more than the learning rate", "",
                   "leave its other settings empty: it would be no point of the sweep");
}

void check_outcome(const TrialOutcome& outcome) {
  const bool finished = outcome.state == TrialState::finished;
  const bool known = is_result(outcome.state) || outcome.state == TrialState::failed ||
                     outcome.state == TrialState::pruned;
  const bool has_loss = outcome.loss && is_valid_loss(*outcome.loss);
  if (known && (finished ? has_loss : !outcome.loss)) return;
  throw InputError(
      fmt::format("a trial cannot be told to be {} with {} loss", to_string(outcome.state),
                  outcome.loss ? "that" : "no"),
      "", "a finished one has a finite loss up to 1e30, a diverged, pruned or failed one has none");
}

std::string text_of(const TrialOutcome& outcome) {
  if (outcome.state == TrialState::finished) return fmt::format("loss {}", *outcome.loss);
  if (outcome.state == TrialState::pruned) return "that it was pruned";
  return outcome.state == TrialState::diverged ? "a divergence" : "a failure";
}

std::int64_t system_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The trials without a result, by what is to become of them.
struct OpenTrials {
  std::vector<AskedTrial> under_way;
  std::vector<AskedTrial> to_offer;  // failed or expired, with a try left
  std::vector<AskedTrial> given_up;  // failed or expired, without
};

// The trials without a result as they are stored, and how long and how often each has its turn.
struct StoredOpen {
  std::vector<AskedTrial> trials;  // pending or failed
  std::optional<std::int64_t> expire;
  std::int64_t most_attempts = 0;
};

StoredOpen read_open(SQLite::Database& database, const AskTellOptions& options) {
  return {select_open(database), expire_seconds(database, options), 1 + retries(database, options)};
}

// What a decision rests on, as it was at one moment.
struct Question {
  ProposalOptions options;
  std::vector<std::int64_t> wanted;  // batch sizes
  std::vector<Observation> known;
  std::vector<TrialSpec> pruned;
  StoredOpen open;
};

void add_specs(const std::vector<AskedTrial>& trials, std::vector<TrialSpec>& specs) {
  for (const AskedTrial& trial : trials) specs.push_back(trial.spec);
}

// One that waits for another batch size to be asked for is expected as well.
std::vector<TrialSpec> pending_specs(const OpenTrials& open) {
  std::vector<TrialSpec> specs;
  add_specs(open.under_way, specs);
  add_specs(open.to_offer, specs);
  return specs;
}

// What is to be seen to before anything runs at this batch size.
std::string warning_at(std::int64_t batch_size, const std::vector<Observation>& known,
                       const std::vector<AskedTrial>& given_up) {
  const auto gone = std::count_if(given_up.begin(), given_up.end(), [&](const AskedTrial& trial) {
    return trial.spec.batch_size == batch_size;
  });
  const bool any = std::any_of(known.begin(), known.end(), [&](const Observation& run) {
    return run.batch_size == static_cast<double>(batch_size);
  });
  if (any || gone < kHopelessFailures) return "";
  return fmt::format("; {} trials failed at this batch size and none ended: see why first", gone);
}

bool same_offer(const AskedTrial& a, const AskedTrial& b) {
  return a.state == b.state && a.asked_at == b.asked_at && a.attempts == b.attempts;
}

}  // namespace

TrialOutcome TrialOutcome::of_loss(double loss) {
  if (!is_valid_loss(loss)) return {TrialState::diverged, std::nullopt};
  return {TrialState::finished, loss};
}

struct AskTell::State {
  State(const fs::path& file, Clock time) : study(file), clock(std::move(time)) {}

  Question read(std::optional<std::int64_t> batch_size, const AskTellOptions& options) {
    return study.read([&](SQLite::Database& database) {
      Question question;
      question.options = merge_ask_options(database, study.path(), options, batch_size);
      question.wanted = batch_size ? std::vector{*batch_size} : question.options.batch_sizes;
      question.known = select_trial_sweep(database);
      question.pruned = select_pruned(database);
      const auto told =
          select_near_best(database, {.lrs = kNearestLrs,
                                      .bins = kBins,
                                      .bin = kBin,
                                      .per_bin = kLrsPerBin,
                                      .seeds = std::max(kLeastSeeds, question.options.seeds)});
      question.known.insert(question.known.end(), told.begin(), told.end());
      question.open = read_open(database, options);
      return question;
    });
  }

  OpenTrials sorted(const StoredOpen& stored) const {
    OpenTrials open;
    for (const AskedTrial& trial : stored.trials) {
      const bool expired = trial.state == TrialState::pending && stored.expire &&
                           clock() - trial.asked_at >= *stored.expire;
      if (trial.state == TrialState::pending && !expired) {
        open.under_way.push_back(trial);
      } else {
        (trial.attempts < stored.most_attempts ? open.to_offer : open.given_up).push_back(trial);
      }
    }
    return open;
  }

  // The first of those that are to be offered again.
  static std::optional<AskedTrial> to_offer_again(const Question& question,
                                                  const OpenTrials& open) {
    for (const AskedTrial& trial : open.to_offer) {
      const auto& wanted = question.wanted;
      if (std::count(wanted.begin(), wanted.end(), trial.spec.batch_size) > 0) return trial;
    }
    return std::nullopt;
  }

  static Proposal decide(const Question& question, const OpenTrials& open,
                         std::optional<std::int64_t> batch_size) {
    std::vector<TrialSpec> given_up;
    add_specs(open.given_up, given_up);
    Proposal proposal = propose(question.known, pending_specs(open), question.options, batch_size,
                                given_up, question.pruned);
    proposal.reason += warning_at(proposal.spec.batch_size, question.known, open.given_up);
    return proposal;
  }

  // Nothing where another process was faster.
  std::optional<Answer> offer_again(const AskedTrial& before, const AskTellOptions& options) {
    return study.change([&](SQLite::Database& database) -> std::optional<Answer> {
      auto trial = find_asked(database, before.id);
      if (!trial || !same_offer(*trial, before)) return std::nullopt;
      store_ask_options(database, options);
      trial->state = TrialState::pending;
      trial->asked_at = clock();
      trial->observed_at.reset();
      ++trial->attempts;
      update_asked(database, *trial);
      const bool failed = before.state == TrialState::failed;
      return Answer{*trial, failed ? "offered again: it failed"
                                   : "offered again: nobody told what it came to"};
    });
  }

  // Nothing where the trial is there already, and no other seed will do.
  std::optional<AskedTrial> add_pending(TrialSpec spec, const AskTellOptions& options,
                                        bool any_seed) {
    return study.change([&](SQLite::Database& database) -> std::optional<AskedTrial> {
      if (any_seed) spec.seed = free_seed(database, spec);
      if (find_asked(database, spec)) return std::nullopt;
      store_ask_options(database, options);
      return add(database, spec, {TrialState::pending, {}});
    });
  }

  AskedTrial add(SQLite::Database& database, const TrialSpec& spec, const TrialOutcome& outcome) {
    AskedTrial trial{.id = last_asked_id(database) + 1,
                     .spec = spec,
                     .state = outcome.state,
                     .loss = outcome.loss,
                     .asked_at = clock(),
                     .observed_at = {}};
    if (trial.state != TrialState::pending) trial.observed_at = trial.asked_at;
    insert_asked(database, trial);
    return trial;
  }

  AskedTrial apply(SQLite::Database& database, AskedTrial trial, const TrialOutcome& outcome,
                   bool replace) {
    const TrialOutcome before{trial.state, trial.loss};
    if (before == outcome) return trial;
    if (is_result(trial.state) && !replace) {
      throw InputError(fmt::format("trial {} has {} already and is told {}", trial.id,
                                   text_of(before), text_of(outcome)),
                       study.path().string(),
                       fmt::format("pass {} if the new one is right", field_name("replace")));
    }
    trial.state = outcome.state;
    trial.loss = outcome.loss;
    trial.observed_at = clock();
    update_asked(database, trial);
    return trial;
  }

  SharedStudy study;
  Clock clock;
};

AskTell::AskTell(const fs::path& study, StudyOpening opening, Clock clock) {
  const fs::path path = file_of(study);
  prepare_file(path, opening);
  state_ = std::make_unique<State>(path, clock ? std::move(clock) : system_seconds);
}

AskTell::~AskTell() = default;
AskTell::AskTell(AskTell&&) noexcept = default;
AskTell& AskTell::operator=(AskTell&&) noexcept = default;

AskTell::Answer AskTell::ask(std::optional<std::int64_t> batch_size,
                             const AskTellOptions& options) {
  check_ask_options(options);
  if (batch_size) check_batch_size(static_cast<double>(*batch_size));
  state_->study.upgrade();
  // Whoever does not get a turn decides all the same: no two can store the same trial.
  const auto turn = FileLock::wait(state_->study.path().string() + ".ask", kPatience);
  // What is decided is taken by another only where that one did not wait for its turn; a trial that
  // is there although it was not read lies beyond what a decision looks at.
  for (int attempt = 1;; ++attempt) {
    const Question question = state_->read(batch_size, options);
    const OpenTrials open = state_->sorted(question.open);
    if (const auto trial = State::to_offer_again(question, open)) {
      if (auto answer = state_->offer_again(*trial, options)) return *answer;
      continue;
    }
    Proposal proposal = State::decide(question, open, batch_size);
    if (const auto trial = state_->add_pending(proposal.spec, options, attempt > 1)) {
      return {*trial, std::move(proposal.reason)};
    }
  }
}

AskedTrial AskTell::tell(std::int64_t id, const TrialOutcome& outcome, bool replace) {
  check_outcome(outcome);
  state_->study.upgrade();
  return state_->study.change([&](SQLite::Database& database) {
    const auto trial = find_asked(database, id);
    if (trial) return state_->apply(database, *trial, outcome, replace);
    const std::int64_t last = last_asked_id(database);
    throw InputError(
        fmt::format("there is no trial {}", id), state_->study.path().string(),
        last == 0 ? "none was suggested yet" : fmt::format("those suggested are 1 to {}", last));
  });
}

AskedTrial AskTell::tell(const TrialSpec& spec, const TrialOutcome& outcome, bool replace) {
  check_told(spec);
  check_outcome(outcome);
  state_->study.upgrade();
  return state_->study.change([&](SQLite::Database& database) {
    const auto trial = find_asked(database, spec);
    return trial ? state_->apply(database, *trial, outcome, replace)
                 : state_->add(database, spec, outcome);
  });
}

std::vector<AskedTrial> AskTell::trials() const {
  return state_->study.read([](SQLite::Database& database) { return select_asked(database); });
}

std::vector<Observation> AskTell::observations() const {
  return state_->study.read([](SQLite::Database& database) { return select_sweep(database); });
}

std::vector<TrialSpec> AskTell::pruned() const {
  return state_->study.read([](SQLite::Database& database) { return select_pruned(database); });
}

std::vector<AskedTrial> AskTell::given_up(const AskTellOptions& options) const {
  check_ask_options(options);
  const StoredOpen stored =
      state_->study.read([&](SQLite::Database& database) { return read_open(database, options); });
  return state_->sorted(stored).given_up;
}

ProposalOptions AskTell::proposal_options(std::optional<std::int64_t> batch_size,
                                          const AskTellOptions& options) const {
  check_ask_options(options);
  return state_->study.read([&](SQLite::Database& database) {
    return merge_ask_options(database, state_->study.path(), options, batch_size);
  });
}

}  // namespace etalon
