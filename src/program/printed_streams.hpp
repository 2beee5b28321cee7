// What a program printed to its two streams, read line by line into rows of metrics.
#pragma once

#include <array>
#include <string>

#include "metrics/output_lines.hpp"
#include "metrics/row_reader.hpp"
#include "program/attempt.hpp"
#include "program/file_tail.hpp"
#include "program/line_pattern.hpp"

namespace etalon {

class PrintedStreams {
 public:
  PrintedStreams(const AttemptFiles& files, SharedPattern pattern, HearRow hear);
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

  const SharedPattern pattern_;
  const HearRow hear_;
  std::array<Stream, 2> streams_;
};

}  // namespace etalon
