// What a program printed to its two streams, read line by line into a watch.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "etalon/trial.hpp"
#include "program/attempt.hpp"
#include "program/file_tail.hpp"
#include "program/metric_watch.hpp"
#include "program/output_lines.hpp"

namespace etalon {

class PrintedStreams {
 public:
  using Hear = std::function<void(const CurvePoint&)>;

  // `hear` is told of the points of the curve.
  PrintedStreams(const AttemptFiles& files, MetricWatch& watch, Hear hear);
  PrintedStreams(const PrintedStreams&) = delete;
  PrintedStreams& operator=(const PrintedStreams&) = delete;

  // Reads what was printed since; false where that was nothing.
  bool read();
  // Reads the rest, of a program that has ended.
  void finish();
  // The end of both, stderr last.
  std::string end() const;

 private:
  struct Stream {
    FileTail tail;
    OutputLines lines;
  };
  OutputLines lines();

  MetricWatch& watch_;
  const Hear hear_;
  std::array<Stream, 2> streams_;
};

}  // namespace etalon
