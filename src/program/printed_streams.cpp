#include "program/printed_streams.hpp"

#include <utility>

namespace etalon {

PrintedStreams::PrintedStreams(const AttemptFiles& files, SharedPattern pattern, HearRow hear)
    : pattern_(std::move(pattern)),
      hear_(std::move(hear)),
      streams_{{{FileTail(files.output), lines()}, {FileTail(files.errors), lines()}}} {}

OutputLines PrintedStreams::lines() {
  return OutputLines([this](std::string_view line) {
    const std::vector<NamedValue> row = metrics_in(line, pattern_);
    if (!row.empty()) hear_(row);
  });
}

bool PrintedStreams::read() {
  bool any = false;
  for (auto& [tail, lines] : streams_) {
    const std::string_view piece = tail.read();
    any = any || !piece.empty();
    lines.take(piece);
  }
  return any;
}

void PrintedStreams::finish() {
  while (read()) {
  }
  for (auto& [tail, lines] : streams_) lines.finish();
}

std::string PrintedStreams::end() const {
  return streams_.front().tail.end() + '\n' + streams_.back().tail.end();
}

}  // namespace etalon
