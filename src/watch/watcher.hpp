// Looks at a study on disk again and again, and puts what is new on a board.
//
// Live curves are looked at twice a second. The study itself is read once its files changed, and
// then not again before so many times as long has passed as reading it took; what its trials say is
// worked out anew by the same measure. So whoever watches costs the study a small share of a
// processor, however large it is. Changes
// nothing and takes no lock. For one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/clock.hpp"
#include "etalon/report.hpp"
#include "etalon/stop_flag.hpp"
#include "watch/board.hpp"
#include "watch/live_json.hpp"
#include "watch/live_reader.hpp"

namespace etalon {

class Watcher {
 public:
  // `study`: its directory, or its .db file. `board` must outlive it.
  Watcher(const std::filesystem::path& study, Evaluate evaluate, Board& board,
          Clock clock = steady_seconds);

  // One look. True where a new frame was put up.
  bool look();
  // Looks until `stop`, and once more.
  void run(const StopFlag& stop);

  // Throws InputError where there is no study to be read.
  void check();

  // What the last look saw, as text (terminal_view.hpp); after one that was true.
  std::string picture(const TerminalOptions& style) const;
  // Whether nothing is left to be run, as far as the last look saw.
  bool is_complete() const;

 private:
  using Sight = std::vector<std::tuple<bool, std::uintmax_t, std::int64_t>>;
  using Marks = std::tuple<TrialState, std::int64_t, std::size_t, double>;

  Sight sight() const;
  double rest_after(double start) const;
  bool read_study();
  void take(const StudyFile& file);
  void take_trials();
  bool has_state_changed();
  LiveState state() const;
  void put_up();

  const std::filesystem::path file_;
  const std::string name_;
  const Evaluate evaluate_;
  Board& board_;
  const Clock clock_;
  LiveReader live_;
  Sight seen_;
  double next_read_ = 0.0, next_answer_ = 0.0;  // by the clock
  bool is_answer_old_ = false;                  // trials were read since it was worked out
  std::shared_ptr<const WatchedStudy> study_;
  std::shared_ptr<const Pieces> trials_ = std::make_shared<Pieces>();
  std::map<std::int64_t, Marks> marks_;  // of the trials as they were put up
  Piece answer_;
  std::int64_t version_ = 0, generation_ = 1;
  std::optional<bool> was_worked_on_;
};

}  // namespace etalon
