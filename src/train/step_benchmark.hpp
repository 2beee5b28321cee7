// How fast a training step runs, against the time of its matrix products alone and against what the
// processor can do at the most.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "data/dataset.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

struct StepBenchmarkOptions {
  std::string model = "mlp:128";
  std::int64_t batch_size = 32;  // >= 1
  OptimizerOptions optimizer;
  Precision precision = Precision::float32;
  double seconds = 0.5;  // spent on measuring, > 0
};

struct StepBenchmark {
  std::string model;
  std::int64_t batch_size = 0;
  Precision precision = Precision::float32;
  double step_seconds = 0.0;        // gather, forward, backward and update; median of many rounds
  double gemm_bound_seconds = 0.0;  // the step's matrix products alone, in the same rounds
  double fraction_of_bound = 0.0;   // median over the rounds of bound / step
  double flop = 0.0;                // of the step's matrix products
  double processor_rate = 0.0;      // multiply-adds in registers, operations a second; median
  double fraction_of_processor = 0.0;  // median over the rounds of flop / step / rate
  std::int64_t bytes = 0;              // of the network at this batch size, and of its parameters
  std::map<std::string, double> shares{};  // of the step's time, by kind of layer; "rest": all else
};

// On the calling thread alone. Rounds alternate between the step and the products, so that a
// machine whose speed drifts slows both.
StepBenchmark benchmark_step(const DataSplits& data, const StepBenchmarkOptions& options);

}  // namespace etalon
