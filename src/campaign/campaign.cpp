#include "etalon/campaign.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "campaign/campaign_outcome.hpp"
#include "campaign/curve_board.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "study/trial_end.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

using std::chrono::milliseconds;
using CampaignClock = std::chrono::steady_clock;

// How soon a request to stop is heard.
constexpr milliseconds kPatience(100);

// Lines that each begin with their end, two columns in.
std::string indented(const std::string& lines) {
  std::string text;
  for (const char c : lines) text += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return text;
}

class Campaign {
 public:
  Campaign(const WorkloadInfo& workload, TrialRunner& runner, const CampaignOptions& options,
           TrialStore& store, StudyObserver& observer, const StopFlag& stop)
      : maximizes_(workload.maximizes),
        runner_(runner),
        options_(options),
        store_(store),
        observer_(observer),
        stop_(stop),
        seconds_before_(store.wall_seconds()),
        told_budget_(options.trials) {
    for (const TrialRecord& record : store_.load()) restore(record);
    tell_budget();
  }

  // True when the budget is spent, false when it was interrupted.
  bool run() {
    try {
      for (;;) {
        if (stop_.requested()) stop_all();
        fill_slots();
        if (under_way_.empty()) break;
        if (const auto event = runner_.wait(kPatience)) hear(*event);
      }
    } catch (...) {
      stop_all();
      drain();
      throw;
    }
    note_time();
    if (refusal_) throw *refusal_;
    refuse_if_all_too_large();
    return complete_ && !(stopping_ && may_decide());
  }

  double seconds() const {
    const std::chrono::duration<double> now = CampaignClock::now() - start_;
    return seconds_before_ + now.count();
  }
  std::vector<TrialRecord> trials() const {
    std::vector<TrialRecord> all;
    for (const auto& [id, record] : records_) {
      if (record.result.state != TrialState::pending) all.push_back(record);
    }
    return all;
  }
  // Whether it ended since nothing more was worth a trial, though the budget was not spent.
  bool is_exhausted() const { return !stopping_ && may_decide(); }
  bool is_out_of_time() const {
    const bool is_over = options_.seconds && seconds() >= *options_.seconds;
    return is_over && !stopping_ && affordable() > std::ssize(records_);
  }
  // How many trials the budget pays for, when what those that were pruned left of theirs goes to
  // others.
  std::int64_t affordable() const {
    constexpr double kRounding = 1e-9;
    double saved = 0.0;
    for (const auto& [id, record] : records_) {
      if (record.result.state == TrialState::pruned) saved += 1.0 - curves_.share(record);
    }
    return options_.trials + static_cast<std::int64_t>(std::floor(saved + kRounding));
  }
  std::vector<std::int64_t> dropped() const { return {dropped_.begin(), dropped_.end()}; }

 private:
  void restore(const TrialRecord& record) {
    records_[record.id] = record;
    curves_.restore(record);
    const bool has_failed = record.result.state == TrialState::failed;
    const bool is_large = has_failed && is_too_large(record.result);
    if (is_large) drop_from(record.spec.batch_size);
    const bool may_run_again = has_failed && !is_large && may_pass(record.result);
    if (record.result.state == TrialState::pending || may_run_again) {
      queue_.push_back(record.id);
    } else {
      runner_.end_earlier(record.id);  // had it been stored, and not yet been carried out
    }
  }

  // Where one does not fit, larger ones do not either.
  void drop_from(std::int64_t batch_size) {
    for (const std::int64_t each : options_.ask.batch_sizes) {
      if (each >= batch_size) dropped_.insert(each);
    }
    dropped_.insert(batch_size);
  }

  bool is_too_large(const TrialResult& result) const {
    return options_.is_too_large && options_.is_too_large(result);
  }
  bool may_pass(const TrialResult& result) const {
    return !options_.may_pass || options_.may_pass(result);
  }

  void fill_slots() {
    while (!stopping_ && static_cast<std::int64_t>(under_way_.size()) < runner_.slots()) {
      const auto next = next_trial();
      if (!next) return;
      start(*next);
    }
  }

  std::optional<std::int64_t> next_trial() {
    while (!queue_.empty()) {
      const std::int64_t id = queue_.front();
      queue_.pop_front();
      if (!dropped_.contains(records_.at(id).spec.batch_size)) return id;
      give_up(id);
    }
    if (!may_decide()) return std::nullopt;
    return decide();
  }

  bool may_decide() const {
    if (std::ssize(records_) >= affordable()) return false;
    return !options_.seconds || seconds() < *options_.seconds;
  }

  void tell_budget() {
    if (const std::int64_t trials = affordable(); trials != told_budget_) {
      observer_.on_budget(trials);
      told_budget_ = trials;
    }
  }

  // A trial that was decided on before its batch size proved too large.
  void give_up(std::int64_t id) {
    TrialRecord& record = records_.at(id);
    runner_.end_earlier(id);
    record.result = {};
    record.result.message = "its batch size was left out";
    store_.append(record);
  }

  // The next trial, unless all that could be run are more replicates than were asked for: at such a
  // batch size nothing near the optimum is left to try.
  static std::optional<Proposal> worth_a_trial(std::span<const Observation> known,
                                               std::span<const TrialSpec> pending,
                                               std::span<const TrialSpec> given_up,
                                               std::span<const TrialSpec> pruned,
                                               ProposalOptions ask) {
    const std::uint64_t end = ask.first_seed + static_cast<std::uint64_t>(ask.seeds);
    while (!ask.batch_sizes.empty()) {
      Proposal proposal = propose(known, pending, ask, std::nullopt, given_up, pruned);
      if (proposal.spec.seed < end) return proposal;
      std::erase(ask.batch_sizes, proposal.spec.batch_size);
    }
    return std::nullopt;
  }

  // Stored before it is carried out.
  std::optional<std::int64_t> decide() {
    ProposalOptions ask = options_.ask;
    std::erase_if(ask.batch_sizes, [&](std::int64_t b) { return dropped_.contains(b); });
    std::vector<TrialRecord> all;
    std::vector<TrialSpec> pending, given_up;
    for (const auto& [id, record] : records_) {
      all.push_back(record);
      TrialSpec point = record.spec;
      point.moved = {};
      if (record.result.state == TrialState::pending) pending.push_back(point);
      if (record.result.state == TrialState::failed) given_up.push_back(point);
    }
    const auto proposal =
        worth_a_trial(observations_of(all), pending, given_up, pruned_points(all), std::move(ask));
    if (!proposal) return std::nullopt;
    TrialRecord record;
    record.id = static_cast<std::int64_t>(records_.size()) + 1;
    record.round = record.id;
    record.stage = Stage::tuned;
    record.spec = proposal->spec;
    record.spec.moved = options_.moving.of(record.spec.batch_size);
    record.result.state = TrialState::pending;
    record.result.message = proposal->reason;
    store_.append(record);
    curves_.begin(record);
    return records_.emplace(record.id, record).first->first;
  }

  void start(std::int64_t id) {
    TrialRecord& record = records_.at(id);
    runner_.start(id, record.spec);
    under_way_.insert(id);
    started_at_[id] = CampaignClock::now();
    record.result.state = TrialState::pending;
    curves_.begin(record);
    observer_.on_start(record);
  }

  void hear(const TrialEvent& event) {
    if (const auto* point = std::get_if<CurvePoint>(&event.what)) {
      hear_point(records_.at(event.trial), *point);
      return;
    }
    under_way_.erase(event.trial);
    if (const auto* result = std::get_if<TrialResult>(&event.what)) {
      settle(records_.at(event.trial), *result);
    } else {
      if (!refusal_) refusal_ = std::get<InputError>(event.what);
      stop_all();
    }
  }

  // Of one that was pruned nothing more is wanted.
  void hear_point(TrialRecord& record, const CurvePoint& point) {
    if (record.result.state == TrialState::pruned) return;
    observer_.on_point(record, point);
    if (!options_.pruning || stopping_) return;
    curves_.hear(record, point);
    if (const auto pruning = curves_.judge(record, *options_.pruning)) prune(record, *pruning);
  }

  // Stored before it is carried out, so that a campaign that is killed meanwhile does not run it
  // again.
  void prune(TrialRecord& record, const Pruning& pruning) {
    const std::chrono::duration<double> ran = CampaignClock::now() - started_at_.at(record.id);
    record.result = {};
    record.result.state = TrialState::pruned;
    record.result.message = describe(pruning, maximizes_);
    record.result.wall_seconds = ran.count();
    record.result.curve = curves_.curve(record);
    record.result.steps = record.result.curve.back().step;
    record.result.objective = record.result.curve.back().validation_loss;
    curves_.end(record);
    store_.append(record);
    tell_budget();
    runner_.abort(record.id);
  }

  // A trial that was stopped stays as it is stored, and is run when the campaign goes on. One that
  // was to be pruned, but came to its end before, is worth its result.
  void settle(TrialRecord& record, const TrialResult& result) {
    if (record.result.state == TrialState::pruned && !is_result(result.state)) {
      note_end_of_pruned(record, result);
      return;
    }
    if (result.state == TrialState::interrupted) {
      complete_ = false;
      return;
    }
    record.result = sound(result);
    curves_.end(record);
    if (record.result.state == TrialState::failed && try_again(record)) return;
    store_.append(record);
    note_time_now_and_then();
    observer_.on_trial(record);
    tell_budget();
    refuse_if_hopeless(record);
  }

  // How long it trained is known once it is gone.
  void note_end_of_pruned(TrialRecord& record, const TrialResult& result) {
    if (result.wall_seconds > 0) {
      record.result.wall_seconds = result.wall_seconds;
      store_.append(record);
    }
    observer_.on_trial(record);
  }

  bool try_again(TrialRecord& record) {
    if (is_too_large(record.result)) {
      drop_from(record.spec.batch_size);
      return false;
    }
    if (!may_pass(record.result) || failures_[record.id]++ >= options_.retries || stopping_) {
      return false;
    }
    observer_.on_retry(record);
    ++record.attempts;
    queue_.push_back(record.id);
    return true;
  }

  void refuse_if_hopeless(const TrialRecord& last) const {
    std::int64_t failed = 0;
    for (const auto& [id, record] : records_) {
      if (is_result(record.result.state)) return;
      if (record.result.state == TrialState::failed) ++failed;
    }
    if (failed < std::min(kHopelessFailures, options_.trials)) {
      return;
    }
    const std::string& message = last.result.message;
    const std::size_t end = message.find('\n');
    throw RunError(fmt::format("{}; the last, {}: {}",
                               failed == 1 ? "the only trial failed"
                                           : fmt::format("all of {} trials failed", failed),
                               describe(last.spec), message.substr(0, end)),
                   "",
                   "mend it, and run the study again" +
                       indented(message.substr(std::min(end, message.size()))));
  }

  void refuse_if_all_too_large() const {
    const auto has_result = [](const auto& entry) { return is_result(entry.second.result.state); };
    const auto& asked = options_.ask.batch_sizes;
    const bool all_dropped = std::all_of(asked.begin(), asked.end(), [&](std::int64_t batch_size) {
      return dropped_.contains(batch_size);
    });
    if (!all_dropped || std::any_of(records_.begin(), records_.end(), has_result)) return;
    throw RunError("every batch size ran out of memory", "",
                   fmt::format("ask for smaller ones, or give {} and accumulate",
                               field_name("micro_batch_size")));
  }

  void stop_all() {
    if (stopping_) return;
    stopping_ = true;
    if (!queue_.empty()) complete_ = false;
    for (const std::int64_t id : under_way_) runner_.abort(id);
  }

  void drain() {
    while (!under_way_.empty()) {
      const auto event = runner_.wait(kPatience);
      if (event && !std::holds_alternative<CurvePoint>(event->what)) {
        under_way_.erase(event->trial);
      }
    }
  }

  void note_time() {
    noted_at_ = CampaignClock::now();
    store_.set_wall_seconds(seconds());
  }
  // Not for each of many short trials, since it waits for the disk.
  void note_time_now_and_then() {
    if (CampaignClock::now() - noted_at_ >= std::chrono::seconds(1)) note_time();
  }

  const bool maximizes_;
  TrialRunner& runner_;
  const CampaignOptions& options_;
  TrialStore& store_;
  StudyObserver& observer_;
  const StopFlag& stop_;
  const double seconds_before_;
  const CampaignClock::time_point start_ = CampaignClock::now();
  CampaignClock::time_point noted_at_ = start_;
  std::map<std::int64_t, TrialRecord> records_;  // by id, 1, 2, ...
  CurveBoard curves_;
  std::deque<std::int64_t> queue_;  // decided, and not under way
  std::set<std::int64_t> under_way_;
  std::map<std::int64_t, CampaignClock::time_point> started_at_;
  std::map<std::int64_t, std::int64_t> failures_;  // of this session
  std::set<std::int64_t> dropped_;                 // batch sizes
  std::optional<InputError> refusal_;
  std::int64_t told_budget_ = 0;
  bool stopping_ = false, complete_ = true;
};

StudyOptions study_options_of(const CampaignOptions& options) {
  StudyOptions study;
  study.batch_sizes = options.ask.batch_sizes;
  study.base_batch_size = default_base_batch_size(study.batch_sizes);
  study.seeds = options.ask.seeds;
  study.first_seed = options.ask.first_seed;
  study.lr_center = options.ask.first_lr;
  study.retries = options.retries;
  study.tolerance = options.tolerance;
  study.level = kCampaignLevel;
  study.rules = {};
  return study;
}

std::string enough_sentence(std::size_t trials, std::int64_t affordable,
                            const CampaignOptions& options) {
  return fmt::format(
      " {} of {} trials were enough: nothing near the optima is left to try with {}; more seeds "
      "would replicate what is near the best.",
      trials, affordable,
      options.ask.seeds == 1 ? "one seed" : fmt::format("{} seeds", options.ask.seeds));
}

template <typename Value>
void require_option(bool holds, const char* field, Value value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", field_name(field), value), "",
                   fmt::format("it must be {}", constraint));
}

}  // namespace

void CampaignOptions::validate() const {
  ask.validate();
  require_option(trials >= 1 && trials <= 1'000'000, "trials", trials, "from 1 to 1000000");
  require_option(retries >= 0 && retries <= kMostRetries, "retries", retries, "from 0 to 100");
  require_option(std::isfinite(tolerance) && tolerance > 0, "tolerance", tolerance,
                 "finite and above 0");
  if (seconds) require_option(*seconds > 0, "seconds", *seconds, "above 0");
  if (pruning) pruning->validate();
}

Fingerprint campaign_fingerprint(const WorkloadInfo& workload, const CampaignOptions& options) {
  Fingerprint fingerprint = workload.settings;
  const auto set = [&](const char* name, const std::string& value) {
    fingerprint.emplace_back(fmt::format("campaign.{}", name), value);
  };
  set("batch_sizes", fmt::format("{}", fmt::join(options.ask.batch_sizes, ",")));
  set("update", std::string(to_string(options.ask.update)));
  set("first_lr", fmt::format("{}", options.ask.first_lr));
  set("seeds", fmt::format("{}", options.ask.seeds));
  set("first_seed", fmt::format("{}", options.ask.first_seed));
  const std::string metric = setting_of(workload.settings, "program.metric").value_or("");
  if (!metric.empty() && workload.objective_name != metric) {
    fingerprint.emplace_back(kObjectiveSetting, workload.objective_name);
  }
  if (options.moving.rule.empty()) return fingerprint;
  set("rule", options.moving.rule);
  set("base_batch_size", fmt::format("{}", options.moving.base_batch_size));
  for (const auto& [batch_size, moved] : options.moving.at) {
    for (const auto& [name, value] : kMovableSettings) {
      if (!(moved.*value)) continue;
      set(fmt::format("{}.{}", name, batch_size).c_str(), fmt::format("{}", *(moved.*value)));
    }
  }
  return fingerprint;
}

StudyResult run_campaign(const WorkloadInfo& workload, TrialRunner& runner,
                         const CampaignOptions& options, TrialStore& store, StudyObserver& observer,
                         const StopFlag& stop) {
  options.validate();
  StudyResult result;
  result.workload = workload;
  // Whose priors the answer has, for whoever reads it without the study.
  result.workload.settings.emplace_back(kUpdateSetting, to_string(options.ask.update));
  result.options = study_options_of(options);
  Campaign campaign(workload, runner, options, store, observer, stop);
  result.interrupted = !campaign.run();
  result.trials = campaign.trials();
  evaluate_campaign(result, options, campaign.dropped());
  if (campaign.is_out_of_time()) {
    result.conclusion += fmt::format(" Its time was over after {} of {} trials.",
                                     result.trials.size(), campaign.affordable());
  }
  if (campaign.is_exhausted() && !result.recommendations.empty()) {
    result.conclusion += enough_sentence(result.trials.size(), campaign.affordable(), options);
  }
  result.wall_seconds = campaign.seconds();
  return result;
}

}  // namespace etalon
