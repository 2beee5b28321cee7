#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "etalon/error.hpp"
#include "etalon/slurm.hpp"
#include "program/metric_sightings.hpp"
#include "slurm/cancellation.hpp"
#include "slurm/job_end.hpp"
#include "slurm/job_listing.hpp"
#include "slurm/job_program.hpp"
#include "slurm/job_runs.hpp"
#include "slurm/job_trial.hpp"
#include "slurm/outage.hpp"
#include "slurm/submission.hpp"

namespace etalon {
namespace {

using std::chrono::milliseconds;
using JobClock = std::chrono::steady_clock;

// Between looks at files on the nodes' file system, and at Slurm's commands.
constexpr milliseconds kLookAtFiles(500), kLookAtTools(100);
// Before Slurm's word is not waited for.
constexpr std::chrono::seconds kForsaken(30);
// What a job may take to end whose program has.
constexpr std::chrono::seconds kCancelStranger(5);
// So often a trial's job may be lost with its node; the next time it has failed.
constexpr int kMostLosses = 20;

}  // namespace

class SlurmRunner::State {
 public:
  explicit State(const SlurmOptions& options)
      : options_(checked(options)),
        program_(options_.program),
        trials_(program_),
        listing_(program_.study),
        submission_(program_.study, options_.options, program_.supervisor),
        outage_(options_.patience, options_.say) {}

  // What is not settled is cancelled; Slurm's word is waited for, but not for ever.
  ~State() {
    try {
      abort_all();
      while (!jobs_.empty() || submission_.is_busy() || cancellation_.is_busy() ||
             has_unheard_leftovers()) {
        if (JobClock::now() > last_word_) return;
        wait(kLookAtTools);
        events_.clear();
      }
    } catch (const Error&) {  // it was told once, by `wait`
    }
  }

  std::int64_t slots() const { return options_.jobs; }

  void start(std::int64_t trial, const TrialSpec& spec) {
    program_.check_batch_size(spec.batch_size);
    ended_.erase(trial);
    waiting_.emplace_back(trial, spec);
  }

  std::optional<TrialEvent> wait(milliseconds at_most) {
    const auto until = JobClock::now() + at_most;
    while (events_.empty()) {
      turn();
      const auto left = std::chrono::ceil<milliseconds>(until - JobClock::now());
      if (!events_.empty() || left.count() <= 0) break;
      sleep(std::min(left, kLookAtTools));
    }
    if (events_.empty()) return std::nullopt;
    TrialEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }

  void abort(std::int64_t trial) {
    if (std::erase_if(waiting_, [&](const auto& each) { return each.first == trial; }) > 0) {
      interrupt(trial);
    }
    for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
      if (job->trial() != trial) continue;
      job->is_aborted = true;
      Cancellation::begin(*job);
      return;
    }
  }

  // An attempt that was heard of to its end is closed.
  void end_earlier(std::int64_t trial) {
    const auto attempts = trials_.attempts_at(trial);
    if (attempts.empty() || is_closed(attempts.back())) return;
    close_attempt(attempts.back());
    unwanted_.insert(trial);
  }

 private:
  using Jobs = std::list<JobTrial>;

  static SlurmOptions checked(SlurmOptions options) {
    options.validate();
    options.program.directory = std::filesystem::absolute(options.program.directory);
    return options;
  }

  void turn() {
    if (listing_.turn()) hear_listing();
    if (const auto number = submission_.turn(listing_)) hear_number(*number);
    outage_.note(submission_.complaint().empty() ? listing_.complaint() : submission_.complaint());
    look_at_files();
    if (cancellation_.turn(jobs_)) listing_.hurry();
    drop_unwanted_batch();
    if (listing_.asked_at()) submit_what_fits();
  }

  // -- submitting ------------------------------------------------------------------------------

  void submit_what_fits() {
    if (submission_.is_busy()) return;
    std::vector<std::pair<std::int64_t, TrialSpec>> ready;
    while (!waiting_.empty() && has_room(ready.size())) {
      const auto [trial, spec] = waiting_.front();
      if (!collect_earlier(trial, spec) && !take_up_living(trial, spec)) {
        ready.emplace_back(trial, spec);
      }
      waiting_.pop_front();
    }
    if (!ready.empty()) submit(ready);
  }

  bool has_room(std::size_t ready) const {
    return static_cast<std::int64_t>(jobs_.size() + ready) + others_ < options_.jobs;
  }

  void submit(const std::vector<std::pair<std::int64_t, TrialSpec>>& ready) {
    std::vector<AttemptFiles> attempts;
    attempts.reserve(ready.size());
    for (const auto& [trial, spec] : ready) {
      attempts.push_back(trials_.begin_attempt(trial, spec));
    }
    const JobBatch batch = make_batch(program_.directory, attempts);
    for (std::size_t i = 0; i < ready.size(); ++i) {
      add_job(ready[i].first, ready[i].second, attempts[i],
              {batch.number, static_cast<std::int64_t>(i)});
    }
    array_size_[batch.number] = batch.size;
    submission_.begin(batch);
  }

  JobTrial& add_job(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files,
                    const JobPlace& place) {
    return jobs_.emplace_back(trial, spec, files, place, trials_.metric(),
                              trials_.places_of(trial, spec, files),
                              [this, trial](const CurvePoint& point) {
                                events_.push_back({trial, point});
                              });
  }

  void hear_number(const std::string& number) {
    listing_.hurry();
    for (JobTrial& job : jobs_) {
      if (!job.id.empty() || !array_size_.contains(job.place().batch)) continue;
      const bool is_array = array_size_.at(job.place().batch) > 1;
      note_taken(job, is_array ? fmt::format("{}_{}", number, job.place().index) : number);
    }
    array_size_.clear();
  }

  void note_taken(JobTrial& job, const std::string& id) {
    job.id = id;
    job.taken_at = JobClock::now();
    if (job.cancelled_at) Cancellation::begin(job);
  }

  void drop_unwanted_batch() {
    if (!submission_.batch() || submission_.is_running()) return;
    const bool is_wanted = std::any_of(jobs_.begin(), jobs_.end(), [&](const JobTrial& job) {
      return job.place().batch == submission_.batch();
    });
    if (!is_wanted) submission_.drop();
  }

  // -- what an earlier process of the study left ------------------------------------------------

  // Of an attempt at the same command that ended while the study did not hear of it.
  bool collect_earlier(std::int64_t trial, const TrialSpec& spec) {
    auto ended = trials_.ended_well(trial, spec);
    if (ended) end(trial, ended->first, std::move(ended->second));
    return ended.has_value();
  }

  // A job of the last attempt that lives; or that has failed unheard, which counts as a failure.
  bool take_up_living(std::int64_t trial, const TrialSpec& spec) {
    const auto attempts = trials_.attempts_at(trial);
    if (attempts.empty() || is_closed(attempts.back())) return false;
    const AttemptFiles& files = attempts.back();
    if (!trials_.is_attempt_at(trial, spec, files)) return false;
    const auto known =
        std::find_if(listing_.jobs().begin(), listing_.jobs().end(), [&](const ListedJob& job) {
          return job.lives() && trials_.directory_at(job.place) == files.directory;
        });
    if (known != listing_.jobs().end()) {
      note_taken(add_job(trial, spec, files, known->place), known->id);
      others_ = std::max<std::int64_t>(others_ - 1, 0);
      return true;
    }
    const int run = last_run(files);
    const auto status = run > 0 ? read_status(files_of_run(files, run)) : std::nullopt;
    if (!status || status->stopped != StopCause::none) {
      close_attempt(files);  // should its job be on its way still
      return false;
    }
    end(trial, files, trials_.result_of(trial, spec, files));
    return true;
  }

  // -- hearing of jobs -------------------------------------------------------------------------

  void hear_listing() {
    if (!listing_.complaint().empty()) return;
    others_ = 0;
    for (const ListedJob& job : listing_.jobs()) {
      if (job.lives()) hear_living(job);
    }
    for (auto job = jobs_.begin(); job != jobs_.end();) job = judge(job);
  }

  void hear_living(const ListedJob& listed) {
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&](const JobTrial& each) {
      return each.place() == listed.place;
    });
    if (job == jobs_.end()) return hear_stranger(listed);
    if (job->id.empty()) {
      note_taken(*job, listed.id);
      if (submission_.batch() == listed.place.batch) submission_.note_taken();
    } else if (job->id != listed.id) {
      cancellation_.add(listed.id);  // sbatch said that it had failed, and was asked again
    }
  }

  // A job of this study that stands for nothing that is under way: one of a trial that another
  // attempt is made at, or that has ended, has nothing to do any more. Others belong to trials
  // that are yet to be started.
  void hear_stranger(const ListedJob& listed) {
    const std::filesystem::path attempt = trials_.directory_at(listed.place);
    const auto trial = std::atoll(attempt.parent_path().filename().c_str());
    const bool is_unwanted = unwanted_.contains(trial);
    if (!is_unwanted && !is_over(trial)) {
      ++others_;
    } else if (is_unwanted || is_there_for_long(listed.id)) {
      cancellation_.add(listed.id);
    }
  }

  // Since it was first heard of.
  bool is_there_for_long(const std::string& job) {
    const auto now = JobClock::now();
    return now > strangers_.try_emplace(job, now).first->second + kCancelStranger;
  }

  bool is_over(std::int64_t trial) const {
    return ended_.contains(trial) ||
           std::any_of(jobs_.begin(), jobs_.end(),
                       [&](const JobTrial& job) { return job.trial() == trial; });
  }

  // Whether Slurm was not yet asked for the jobs of what is to be ended.
  bool has_unheard_leftovers() const { return !unwanted_.empty() && !listing_.asked_at(); }

  void look_at_files() {
    if (JobClock::now() < look_next_) return;
    look_next_ = JobClock::now() + kLookAtFiles;
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      const bool had_ended = job->ended_at().has_value();
      job->read();
      if (job->is_lost() && !job->cancelled_at) Cancellation::begin(*job);
      if (job->ended_at() && !had_ended) listing_.hurry();
      job = judge(job);
    }
  }

  // Ends the trial where it is known how it ended. A good end is one whatever becomes of the job;
  // a bad one is not, as long as Slurm may start the job again.
  Jobs::iterator judge(Jobs::iterator job) {
    if (job->ended_at()) {
      TrialResult result = job->result();
      const bool is_interrupted = result.state == TrialState::interrupted;
      if (is_result(result.state) || (job->is_aborted && is_interrupted)) {
        return settle(job, std::move(result));
      }
      if (is_gone(*job, *job->ended_at())) {
        if (is_interrupted) return end_from_outside(job);
        return settle(job, std::move(result));
      }
    } else if (job->taken_at && is_gone(*job, *job->taken_at)) {
      if (!job->gone_at) job->gone_at = JobClock::now();
      const bool is_seen = JobClock::now() >= *job->gone_at + options_.file_delay;
      if (job->is_aborted || is_seen) return end_from_outside(job);
    } else {
      job->gone_at.reset();
    }
    return forsake(job);
  }

  // As far as Slurm knew after `moment`.
  bool is_gone(const JobTrial& job, JobClock::time_point moment) const {
    if (!listing_.asked_at() || *listing_.asked_at() <= moment) return false;
    const ListedJob* listed = listing_.find(job.place());
    return listed == nullptr || !listed->lives();
  }

  Jobs::iterator end_from_outside(Jobs::iterator job) {
    const ListedJob* listed = listing_.find(job->place());
    const std::string state = listed != nullptr ? listed->state : "";
    if (job->is_aborted) return settle(job, interrupted_trial());
    if (job->is_lost()) return settle(job, job->result());
    if (is_taken_away(*job, state) && ++losses_[job->trial()] <= kMostLosses)
      return begin_anew(job);
    const std::string printed = job->printed(log_of(program_.directory, job->place()));
    return settle(job, failure_from_outside(*job, state, printed));
  }

  Jobs::iterator begin_anew(Jobs::iterator job) {
    close_attempt(job->files());
    waiting_.emplace_front(job->trial(), job->spec());
    return jobs_.erase(job);
  }

  Jobs::iterator settle(Jobs::iterator job, TrialResult result) {
    end(job->trial(), job->files(), std::move(result));
    listing_.hurry();
    return jobs_.erase(job);
  }

  void end(std::int64_t trial, const AttemptFiles& files, TrialResult result) {
    close_attempt(files);
    ended_.insert(trial);
    events_.push_back(sightings_.event_of(trial, std::move(result)));
  }

  // -- cancelling ------------------------------------------------------------------------------

  void interrupt(std::int64_t trial) { events_.push_back({trial, interrupted_trial()}); }

  void abort_all() {
    last_word_ = JobClock::now() + kForsaken + Cancellation::kAgain;
    while (!waiting_.empty()) abort(waiting_.front().first);
    for (JobTrial& job : jobs_) {
      if (!job.is_aborted) abort(job.trial());
    }
  }

  // One that is to be stopped, and that Slurm says nothing of: its supervisor stops it once it
  // finds the attempt closed.
  Jobs::iterator forsake(Jobs::iterator job) {
    const bool is_mute = job->is_aborted && JobClock::now() > *job->cancelled_at + kForsaken &&
                         !listing_.complaint().empty();
    const bool is_nowhere = job->is_aborted && job->id.empty() && !submission_.is_running();
    if (!is_mute && !is_nowhere) return std::next(job);
    return settle(job, interrupted_trial());
  }

  void sleep(milliseconds at_most) const {
    std::array<pollfd, 3> ends = {{{listing_.descriptor(), POLLIN, 0},
                                   {submission_.descriptor(), POLLIN, 0},
                                   {cancellation_.descriptor(), POLLIN, 0}}};
    poll(ends.data(), ends.size(), static_cast<int>(at_most.count()));
  }

  const SlurmOptions options_;
  const ProgramOptions& program_;
  JobProgram trials_;
  JobListing listing_;
  Submission submission_;
  Cancellation cancellation_;
  Outage outage_;

  std::deque<std::pair<std::int64_t, TrialSpec>> waiting_;
  Jobs jobs_;                // handed to Slurm, or about to be
  std::int64_t others_ = 0;  // jobs of the study that live besides
  std::set<std::int64_t> ended_;
  std::set<std::int64_t> unwanted_;  // trials of earlier processes that are to be ended
  std::map<std::int64_t, int> losses_;
  std::map<std::int64_t, std::size_t> array_size_;         // of the batch on its way
  std::map<std::string, JobClock::time_point> strangers_;  // with nothing to do; when first seen
  std::deque<TrialEvent> events_;
  MetricSightings sightings_;
  JobClock::time_point look_next_{}, last_word_{};
};

void SlurmOptions::validate() const {
  program.validate();
  if (program.study.empty()) throw InputError("the study has no name", "", "give it one");
  validate_jobs();
}

void SlurmOptions::validate_jobs() const {
  if (jobs < 1 || jobs > 1000) {
    throw InputError(fmt::format("{} is {}", field_name("jobs"), jobs), "",
                     "it must be in [1, 1000]");
  }
  for (const std::string& option : options) {
    if (!option.empty() && !is_own_option(option)) continue;
    throw InputError(fmt::format("{} is '{}'", field_name("slurm_option"), option), "",
                     "Etalon sets this itself: leave it out");
  }
}

SlurmRunner::SlurmRunner(const SlurmOptions& options) : state_(std::make_unique<State>(options)) {}

SlurmRunner::~SlurmRunner() = default;

std::int64_t SlurmRunner::slots() const { return state_->slots(); }

void SlurmRunner::start(std::int64_t trial, const TrialSpec& spec) { state_->start(trial, spec); }

std::optional<TrialEvent> SlurmRunner::wait(milliseconds at_most) { return state_->wait(at_most); }

void SlurmRunner::abort(std::int64_t trial) { state_->abort(trial); }

void SlurmRunner::end_earlier(std::int64_t trial) { state_->end_earlier(trial); }

}  // namespace etalon
