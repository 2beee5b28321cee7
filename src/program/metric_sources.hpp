// Where a program's metrics are found: what it prints, and the files that it writes.
//
// The files are those below {out}, or the one that is named, or those below a directory that is
// named. A CSV file or a file of lines is a source by itself, the event files of one directory are
// one together, in the order of their names. Every source is read by itself, for the step that one
// says is not another's. Names may be told apart by the directory: `epoch_loss` in the directory
// validation is `validation/epoch_loss`, too.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "metrics/row_reader.hpp"
#include "program/attempt.hpp"
#include "program/line_pattern.hpp"
#include "program/metric_file.hpp"
#include "program/printed_streams.hpp"

namespace etalon {

struct MetricPlaces {
  SharedPattern pattern{};       // how lines are read; null: in the usual forms
  std::filesystem::path file{};  // alone, where it is not empty; a file or a directory
};

// A source by its kind and its place. The least comes first: tables are exact, events are floats,
// and what is printed is rounded.
struct SourceName {
  enum class Kind { lines, events, printed };
  Kind kind = Kind::printed;
  std::string file;       // below the directory that is looked through; of lines
  std::string directory;  // that file's, or the events'; empty: the directory itself
  auto operator<=>(const SourceName&) const = default;
};

class MetricSources {
 public:
  // `hear` is told the rows of a source; `forget` that it begins anew.
  using Hear = std::function<void(const SourceName&, std::span<const NamedValue> row)>;
  using Forget = std::function<void(const SourceName&)>;

  MetricSources(const AttemptFiles& files, MetricPlaces places, Hear hear, Forget forget);
  MetricSources(const MetricSources&) = delete;
  MetricSources& operator=(const MetricSources&) = delete;

  // Reads what came since.
  void read();
  // Of a program that has ended: reads the rest of what it printed, and its files once more from
  // the start, so that what counts is what stands there.
  void finish();

  // The end of both streams, stderr last.
  std::string printed() const { return printed_.end(); }
  // What is wrong with a source's files; empty: nothing.
  std::string damage(const SourceName& source) const;
  // What there is to look through: "'runs/metrics.csv'"; empty: what is printed.
  std::string place_text() const;

 private:
  struct Source {
    SourceName name;
    std::vector<std::unique_ptr<MetricFile>> files;
  };

  void find_files();
  void add(const std::filesystem::path& path);
  bool is_known(const std::filesystem::path& path) const;
  bool is_of_this_attempt(const std::filesystem::path& path) const;
  SourceName name_of(const std::filesystem::path& path) const;
  bool read(Source& source) const;

  const AttemptFiles files_;
  const MetricPlaces places_;
  const std::filesystem::path root_;  // a file or a directory, which may not be there yet
  const Hear hear_;
  const Forget forget_;
  PrintedStreams printed_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::optional<std::chrono::steady_clock::time_point> looked_at_;
};

}  // namespace etalon
