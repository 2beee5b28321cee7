// What it costs to run programs as trials: time per trial beside starting the program alone, many
// at once, lines of output a second, and the time of a decision when much is known.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "etalon/ask_tell.hpp"
#include "etalon/program.hpp"
#include "program/attempt_metrics.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace etalon;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// Lines for `seconds`, so many a second, in bursts every 10 ms.
int print_lines(std::int64_t rate, double seconds) {
  const auto start = Clock::now();
  const auto by = [rate](double time) { return std::llround(static_cast<double>(rate) * time); };
  std::int64_t step = 0;
  while (step < by(seconds)) {
    const std::int64_t due = std::min<std::int64_t>(by(seconds_since(start)), by(seconds));
    for (; step < due; ++step) {
      const double fallen = 1e-6 * static_cast<double>(step);
      fmt::print("step {}: train loss {:.4f}, val loss {:.4f}, lr 0.001\n", step, 2.5 - fallen,
                 2.0 - fallen);
    }
    std::fflush(stdout);
    std::this_thread::sleep_for(milliseconds(10));
  }
  return 0;
}

struct Bench {
  std::string etalon;  // the program's binary
  std::string self;
  testing::TemporaryDirectory directory;

  ProgramOptions options(std::vector<std::string> command, const std::string& name,
                         std::size_t slots) const {
    ProgramOptions options;
    options.command = std::move(command);
    options.metric = "val loss";
    options.directory = directory.path() / name;
    options.supervisor = {etalon, "supervise"};
    options.slots.resize(slots);
    return options;
  }
};

struct RunTrials {
  double seconds = 0.0;
  std::int64_t finished = 0, points = 0;
};

RunTrials run_trials(const ProgramOptions& options, std::int64_t trials) {
  ProgramRunner runner(options);
  RunTrials run;
  const auto start = Clock::now();
  for (std::int64_t trial = 1; trial <= trials; ++trial) runner.start(trial, {32, 0.1, 1, {}});
  for (std::int64_t ended = 0; ended < trials;) {
    const auto event = runner.wait(milliseconds(1000));
    if (!event) continue;
    if (const auto* result = std::get_if<TrialResult>(&event->what)) {
      ++ended;
      run.finished += result->state == TrialState::finished ? 1 : 0;
    } else if (std::holds_alternative<CurvePoint>(event->what)) {
      ++run.points;
    } else {
      throw std::get<InputError>(event->what);
    }
  }
  run.seconds = seconds_since(start);
  return run;
}

// The same program without etalon, its output to a file.
double run_alone(std::vector<std::string> command, const std::string& output, int times) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const auto start = Clock::now();
  for (int i = 0; i < times; ++i) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0666);
    pid_t process = 0;
    posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    waitpid(process, nullptr, 0);
  }
  return seconds_since(start) / times;
}

void bench_overhead(const Bench& bench, int trials) {
  const std::vector<std::string> command = {"echo", "val loss 1 {lr} {batch_size}"};
  std::vector<double> alone, one;
  for (int round = 0; round < 5; ++round) {
    alone.push_back(run_alone(command, (bench.directory.path() / "alone").string(), trials));
    one.push_back(
        run_trials(bench.options(command, fmt::format("one-{}", round), 1), trials).seconds /
        trials);
  }
  std::sort(alone.begin(), alone.end());
  std::sort(one.begin(), one.end());
  fmt::print(
      "a trial of a program that ends at once: {:.1f} ms ({:.1f} to {:.1f}), alone {:.1f} ms\n",
      1e3 * one[2], 1e3 * one.front(), 1e3 * one.back(), 1e3 * alone[2]);
  const int many = 640;
  const double before = processor_seconds();
  const RunTrials at_once = run_trials(bench.options(command, "many", 64), many);
  fmt::print(
      "64 at once: {} trials, {} finished, {:.1f} ms each; {:.1f} ms of them the study's own\n",
      many, at_once.finished, 1e3 * at_once.seconds / many,
      1e3 * (processor_seconds() - before) / many);
}

void bench_lines(const Bench& bench) {
  constexpr double kSeconds = 5.0;
  for (const std::int64_t rate : {10'000, 50'000}) {
    const std::vector<std::string> command = {bench.self,
                                              "--print",
                                              fmt::format("{}", rate),
                                              "--seconds",
                                              fmt::format("{}", kSeconds),
                                              "--lr={lr}",
                                              "--batch-size={batch_size}"};
    const double before = processor_seconds();
    const RunTrials run = run_trials(bench.options(command, fmt::format("at-{}", rate), 1), 1);
    fmt::print("{} lines a second: {} points heard in {:.2f} s, {:.0f}% of a processor\n", rate,
               run.points, run.seconds, 100 * (processor_seconds() - before) / run.seconds);
  }
}

void bench_files(const Bench& bench) {
  const AttemptFiles files = make_attempt(bench.directory.path() / "files", 1);
  constexpr int kLines = 200'000;
  {
    std::ofstream printed(files.output);
    for (int i = 0; i < kLines; ++i)
      printed << "step " << i << ": train loss 2.5, val loss 2.125\n";
  }
  const auto start = Clock::now();
  ProgramOptions options;
  options.metric = "val loss";
  AttemptMetrics metrics(files, watch_metric(options), {}, 32, [](const CurvePoint&) {});
  metrics.finish();
  fmt::print("reading what was printed: {:.0f} lines a second\n", kLines / seconds_since(start));
}

void bench_decisions() {
  ProposalOptions options;
  options.batch_sizes = {64, 128, 256, 512, 1024};
  options.first_lr = 0.01;
  std::vector<Observation> known;
  std::vector<double> times;
  for (int trial = 0; trial < 500; ++trial) {
    const double start = processor_seconds();
    const Proposal next = propose(known, {}, options);
    times.push_back(processor_seconds() - start);
    const double batch_size = static_cast<double>(next.spec.batch_size);
    const double octaves = std::log2(next.spec.lr / (0.01 * std::sqrt(batch_size / 64)));
    known.push_back({batch_size, next.spec.lr, next.spec.seed,
                     1.0 + 0.02 * octaves * octaves + 0.001 * std::sin(17.0 * trial)});
  }
  std::vector<double> last(times.end() - 50, times.end());
  std::sort(last.begin(), last.end());
  fmt::print("a decision with 450 to 500 trials known: {:.1f} ms (up to {:.1f}) of a processor\n",
             1e3 * last[25], 1e3 * last.back());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What it costs to run programs as trials");
  Bench bench;
  std::int64_t rate = 0;
  double seconds = 1.0;
  std::string ignored;
  int trials = 50;
  app.add_option("--etalon", bench.etalon, "the program's binary");
  app.add_option("--trials", trials, "of a round")->capture_default_str();
  app.add_option("--print", rate, "only print so many lines a second");
  app.add_option("--seconds", seconds);
  app.add_option("--lr", ignored);
  app.add_option("--batch-size", ignored);
  CLI11_PARSE(app, argc, argv);
  if (rate > 0) return print_lines(rate, seconds);
  bench.self = std::filesystem::canonical("/proc/self/exe").string();
  bench_overhead(bench, trials);
  bench_lines(bench);
  bench_files(bench);
  bench_decisions();
}
