// What one update costs against a copy of the bytes that it must move.
//
// copy_set_V copies within V vectors, half of them to the other half: the working set of an update
// that touches V vectors. Compare bytes_per_second with it; copy_N moves the bytes of an update in
// one go, over a larger working set.
//
// In cache: the 101,770 parameters of mlp:128. Out of cache: 2^26 floats a vector. Each update is
// timed beside a std::memcpy that reads and writes together just as many bytes; the counter
// bytes_per_second counts reads and writes alike. Run with
//   --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
// so that a machine whose speed drifts slows both, and compare medians of the processor time.
//
// training_step/O/B is a whole step of mlp:128 on Fashion-MNIST with optimizer O at batch size B,
// as a trial of a study takes it; deep_step/O/B one of mlp:256,256, which has a matrix for Muon.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstring>
#include <string>

#include "optim/optimizer.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kInCache = 101770;
constexpr std::int64_t kOutOfCache = std::int64_t{1} << 26;

// Steps before the clock starts: the first ones compile kernels and touch memory.
constexpr int kWarmUp = 50;

struct Traffic {
  const char* optimizer;
  std::int64_t vectors;  // floats read plus floats written per parameter, at the least
};

// Gradient and weights are read, weights written; each vector of state is read and written. LARS
// must read weights and gradient once more, LAMB write its direction, then read it with the weights
// and write them again: the norms are known only after the first pass. Adafactor has next to no
// state, but reads the gradient three times: for its factors, for the norm of what they make of it,
// and to descend. Muon is bound by products, not by memory.
constexpr Traffic kTraffic[] = {{"sgd", 3},  {"momentum", 5}, {"nesterov", 5}, {"rmsprop", 5},
                                {"adam", 7}, {"adamw", 7},    {"lars", 7},     {"lamb", 10},
                                {"lion", 5}, {"adafactor", 5}};

// One matrix, of mlp:128's first layer or larger, and a vector with what is left.
ParameterLayout layout_of(std::int64_t size) {
  const std::int64_t columns = size == kInCache ? 128 : 8192;
  const std::int64_t rows = size == kInCache ? 784 : size / columns;
  const std::int64_t rest = size - rows * columns;
  ParameterLayout layout;
  layout.segments.push_back({"matrix", SegmentKind::weights, {rows, columns}, 0, size - rest, 1});
  if (rest > 0) {
    layout.segments.push_back({"rest", SegmentKind::weights, {rest}, size - rest, rest, 1});
  }
  layout.size = size;
  return layout;
}

void set_bytes(benchmark::State& state, std::int64_t size, std::int64_t vectors) {
  state.SetBytesProcessed(state.iterations() * size * vectors * std::int64_t{sizeof(float)});
}

void update(benchmark::State& state, Traffic traffic, std::int64_t size) {
  OptimizerOptions options;
  options.name = traffic.optimizer;
  const auto optimizer = make_optimizer(options, layout_of(size));
  AlignedVector weights(static_cast<std::size_t>(size), 0.5f);
  AlignedVector diff_weights(static_cast<std::size_t>(size), 1e-3f);
  for (auto _ : state) {
    optimizer->step(1e-6f, diff_weights, weights);
    benchmark::ClobberMemory();
  }
  set_bytes(state, size, traffic.vectors);
}

void copy(benchmark::State& state, std::int64_t vectors, std::int64_t size) {
  const auto count =
      static_cast<std::size_t>(size * vectors / 2);  // each float: one read, one write
  AlignedVector src(count, 1.0f);
  AlignedVector dst(count, 0.0f);
  for (auto _ : state) {
    std::memcpy(dst.data(), src.data(), count * sizeof(float));
    benchmark::ClobberMemory();
  }
  set_bytes(state, size, vectors);
}

void training_step(benchmark::State& state, const char* model, const char* optimizer,
                   std::int64_t batch_size) {
  static const auto data = load_splits("fashion-mnist", {});
  OptimizerOptions options;
  options.name = optimizer;
  Trainer trainer(*data, parse_model(model, {1, 28, 28}, 10), options, batch_size, 1);
  for (int i = 0; i < kWarmUp; ++i) trainer.step(1e-2f);
  for (auto _ : state) trainer.step(1e-4f);
}

const bool registered = [] {
  for (const std::int64_t size : {kInCache, kOutOfCache}) {
    const std::string place = size == kInCache ? "in_cache" : "out_of_cache";
    for (const Traffic& traffic : kTraffic) {
      benchmark::RegisterBenchmark(fmt::format("{}/{}", traffic.optimizer, place).c_str(), update,
                                   traffic, size);
    }
    for (const std::int64_t vectors : {3, 5, 7, 10}) {
      benchmark::RegisterBenchmark(fmt::format("copy_{}/{}", vectors, place).c_str(), copy, vectors,
                                   size);
    }
    for (const std::int64_t vectors : {2, 3, 4, 5}) {
      benchmark::RegisterBenchmark(fmt::format("copy_set_{}/{}", vectors, place).c_str(), copy,
                                   vectors, size);
    }
  }
  for (const Traffic& traffic : kTraffic) {
    for (const std::int64_t batch_size : {128, 512, 2048}) {
      benchmark::RegisterBenchmark(
          fmt::format("training_step/{}/{}", traffic.optimizer, batch_size).c_str(), training_step,
          "mlp:128", traffic.optimizer, batch_size);
    }
  }
  for (const char* optimizer : {"sgd", "adamw", "muon"}) {
    for (const std::int64_t batch_size : {128, 512, 2048}) {
      benchmark::RegisterBenchmark(fmt::format("deep_step/{}/{}", optimizer, batch_size).c_str(),
                                   training_step, "mlp:256,256", optimizer, batch_size);
    }
  }
  return true;
}();

}  // namespace
}  // namespace etalon
