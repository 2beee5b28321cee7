// Reads what trials under way have said, as the files grow. What is no file of that form is passed
// over. Changes nothing. For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "watch/live_file.hpp"

namespace etalon {

class LiveReader {
 public:
  explicit LiveReader(const std::filesystem::path& study_directory);

  // Reads on. True where anything is new, or gone.
  bool read();
  // By id; of several attempts at a trial the last one.
  std::vector<const LiveTrial*> trials() const;

 private:
  struct Growing {
    std::uintmax_t offset = 0;
    std::optional<LiveTrial> trial;
    bool is_ours = true;
  };

  bool read_on(const std::filesystem::path& path, Growing& file);
  static void take_line(Growing& file, const std::string& line);

  const std::filesystem::path directory_;
  std::map<std::string, Growing> files_;  // by name
};

}  // namespace etalon
