#include "program/printed_streams.hpp"

#include <utility>

#include "program/metric_text.hpp"

namespace etalon {

PrintedStreams::PrintedStreams(const AttemptFiles& files, MetricWatch& watch, Hear hear)
    : watch_(watch),
      hear_(std::move(hear)),
      streams_{{{FileTail(files.output), lines()}, {FileTail(files.errors), lines()}}} {}

OutputLines PrintedStreams::lines() {
  return OutputLines([this](std::string_view line) {
    if (const auto point = watch_.hear(metrics_in(line))) hear_(*point);
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
