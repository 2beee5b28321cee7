// What an attempt says of its metric, from whichever source has it.
//
// Where several sources have the metric, one alone counts: files before what is printed, tables
// before events, then by name. While the program runs this may change, and only points past those
// that were told are told.
#pragma once

#include <functional>
#include <list>
#include <set>
#include <string>

#include "program/metric_sources.hpp"
#include "program/metric_watch.hpp"

namespace etalon {

class AttemptMetrics {
 public:
  using Hear = std::function<void(const CurvePoint&)>;

  // `hear` is told of the points of the curve.
  AttemptMetrics(const AttemptFiles& files, const WatchedMetric& metric, MetricPlaces places,
                 std::int64_t batch_size, Hear hear);
  AttemptMetrics(const AttemptMetrics&) = delete;
  AttemptMetrics& operator=(const AttemptMetrics&) = delete;

  void read() { sources_.read(); }
  void finish() { sources_.finish(); }

  const WatchedMetric& metric() const { return metric_; }
  // The one that counts: of the metric, or else of what is printed.
  const MetricWatch& watch() const { return counting().watch; }
  std::vector<CurvePoint> take_curve() { return counting().watch.take_curve(); }
  // Its last value is not finite or far above its start; where it was never said, another loss's.
  bool diverged() const;
  std::string divergence_text() const;  // why; empty: it did not
  bool is_lost() const { return watch().is_lost(); }

  // The names of all sources; where several in different directories have one, with these.
  std::set<std::string> names() const;
  std::string printed() const { return sources_.printed(); }
  // Where that stands, from the directory of all trials on: "trials/3/1/stderr".
  std::string printed_in() const;
  std::string place_text() const { return sources_.place_text(); }
  // What is wrong with the file that the value is from; empty: nothing.
  std::string damage() const;
  // That several directories have the metric, and other values; empty: they do not.
  std::string ambiguity() const;

 private:
  struct Watched {
    SourceName source;
    MetricWatch watch;
    std::int64_t points = 0, told = 0;  // since the source began anew; of all time
  };

  Watched& watched(const SourceName& source);
  const Watched& counting() const;
  Watched& counting() { return const_cast<Watched&>(std::as_const(*this).counting()); }
  void hear_row(const SourceName& source, std::span<const NamedValue> row);
  void tell(Watched& from, const CurvePoint& point);
  void forget(const SourceName& source);

  const WatchedMetric metric_;
  const std::int64_t batch_size_;
  const Hear hear_;
  const AttemptFiles files_;
  std::list<Watched> watched_;  // in the order of their sources, what is printed among them
  const Watched* teller_ = nullptr;
  std::int64_t last_step_ = 0;
  MetricSources sources_;
};

}  // namespace etalon
