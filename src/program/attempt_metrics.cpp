#include "program/attempt_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "core/text.hpp"

namespace etalon {
namespace {

// Losses that are the same but for how they are written: events hold floats.
bool are_alike(double a, double b) {
  constexpr double kRounding = 1e-5;
  if (!std::isfinite(a) || !std::isfinite(b)) return std::isfinite(a) == std::isfinite(b);
  return std::abs(a - b) <= kRounding * std::max({std::abs(a), std::abs(b), 1e-6});
}

bool is_named_by_directory(const std::string& name, std::string_view directory,
                           const std::string& metric) {
  while (!directory.empty()) {
    if (same_metric(fmt::format("{}/{}", directory, name), metric)) return true;
    const std::size_t slash = directory.find('/');
    directory = slash == std::string_view::npos ? "" : directory.substr(slash + 1);
  }
  return false;
}

}  // namespace

AttemptMetrics::AttemptMetrics(const AttemptFiles& files, const WatchedMetric& metric,
                               MetricPlaces places, std::int64_t batch_size, Hear hear)
    : metric_(metric),
      batch_size_(batch_size),
      hear_(std::move(hear)),
      files_(files),
      sources_(
          files, std::move(places),
          [this](const SourceName& source, std::span<const NamedValue> row) {
            hear_row(source, row);
          },
          [this](const SourceName& source) { forget(source); }) {
  watched(SourceName{});
}

// Events' steps are one count by their definition, and some fall: one scalar's may be epochs.
AttemptMetrics::Watched& AttemptMetrics::watched(const SourceName& source) {
  const auto place = std::find_if(watched_.begin(), watched_.end(),
                                  [&](const Watched& each) { return !(each.source < source); });
  if (place != watched_.end() && place->source == source) return *place;
  const bool may_begin_anew = source.kind != SourceName::Kind::events;
  return *watched_.insert(place, {source, MetricWatch(metric_, batch_size_, may_begin_anew)});
}

const AttemptMetrics::Watched& AttemptMetrics::counting() const {
  for (const Watched& each : watched_) {
    if (each.watch.loss()) return each;
  }
  return watched_.back();
}

// In the directory logs/validation, `epoch_loss` is what is asked for as validation/epoch_loss.
void AttemptMetrics::hear_row(const SourceName& source, std::span<const NamedValue> row) {
  std::vector<NamedValue> values(row.begin(), row.end());
  for (NamedValue& value : values) {
    if (is_named_by_directory(value.name, source.directory, metric_.name)) {
      value.name = metric_.name;
    }
  }
  Watched& from = watched(source);
  if (const auto point = from.watch.hear(values)) tell(from, *point);
}

void AttemptMetrics::tell(Watched& from, const CurvePoint& point) {
  if (++from.points <= from.told) return;
  from.told = from.points;
  if (&from != &counting()) return;
  if (teller_ != nullptr && teller_ != &from && point.step <= last_step_) return;
  teller_ = &from;
  last_step_ = point.step;
  hear_(point);
}

void AttemptMetrics::forget(const SourceName& source) {
  Watched& each = watched(source);
  each.watch.restart();
  each.points = 0;
}

bool AttemptMetrics::diverged() const { return !divergence_text().empty(); }

std::string AttemptMetrics::divergence_text() const {
  if (watch().loss()) return watch().divergence_text();
  for (const Watched& each : watched_) {
    if (std::string text = each.watch.divergence_text(); !text.empty()) return text;
  }
  return "";
}

std::set<std::string> AttemptMetrics::names() const {
  std::map<std::string, std::set<std::string>> directories;
  for (const Watched& each : watched_) {
    for (const std::string& name : each.watch.names()) {
      directories[name].insert(each.source.directory);
    }
  }
  std::set<std::string> names;
  for (const auto& [name, places] : directories) {
    for (const std::string& place : places) {
      const bool is_alone = places.size() == 1 || place.empty();
      names.insert(is_alone ? name : fmt::format("{}/{}", place, name));
    }
  }
  return names;
}

std::string AttemptMetrics::damage() const { return sources_.damage(counting().source); }

std::string AttemptMetrics::printed_in() const {
  std::error_code no_such_file;
  const bool complains = std::filesystem::file_size(files_.errors, no_such_file) > 0;
  const std::filesystem::path file = complains && !no_such_file ? files_.errors : files_.output;
  std::filesystem::path shown;
  for (const auto& part : file) shown = part == "trials" ? part : shown / part;
  return shown.string();
}

std::string AttemptMetrics::ambiguity() const {
  const Watched& counts = counting();
  if (!counts.watch.loss()) return "";
  for (const Watched& each : watched_) {
    const bool is_another = each.watch.loss() && each.source.kind != SourceName::Kind::printed &&
                            each.source.directory != counts.source.directory;
    if (!is_another || are_alike(*each.watch.loss(), *counts.watch.loss())) continue;
    return fmt::format("'{}' is in several directories ({}, {}): name one of them, as {}/{}",
                       metric_.name, printable(counts.source.directory),
                       printable(each.source.directory), printable(each.source.directory),
                       metric_.name);
  }
  return "";
}

}  // namespace etalon
