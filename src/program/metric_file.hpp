// A file of metrics that a program writes, followed while it grows.
//
// A file that is written anew (a logger that found another key writes its table again; a new file
// under the old name) is noticed by its beginning, its length or its identity, and is to be read
// again from the start.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "program/metric_reader.hpp"

namespace etalon {

class MetricFile {
 public:
  enum class News { none, more, anew };

  MetricFile(std::filesystem::path path, SharedPattern pattern, HearRow hear);
  ~MetricFile();
  MetricFile(const MetricFile&) = delete;
  MetricFile& operator=(const MetricFile&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // Hears the rows that came since the last call, of at most a mebibyte. `anew`: the file is not
  // the one that was read; nothing was heard, and `restart` is to come first.
  News read();
  void restart();
  // Hears the row that is left without its end, of a program that has ended.
  void finish() { reader_->finish(); }
  std::string damage() const { return reader_->damage(); }

 private:
  bool open_file();
  bool is_another() const;

  const std::filesystem::path path_;
  const SharedPattern pattern_;
  const HearRow hear_;
  std::unique_ptr<RowReader> reader_;
  int descriptor_ = -1;
  off_t offset_ = 0;
  std::string beginning_;  // of what was read
};

}  // namespace etalon
