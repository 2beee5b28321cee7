// At which point of its course a run's metric is taken. Values only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace etalon {

struct MeasuredAt {
  enum class Kind { last, best, step, examples, share };
  Kind kind = Kind::last;
  double amount = 0.0;  // of steps or examples, > 0; of the whole run, in (0, 1]

  bool is_asked_for() const { return kind != Kind::last && kind != Kind::best; }

  // The step that is asked for at a batch size; none where no step is.
  std::optional<double> step_at(double batch_size) const;
  std::string to_text() const;  // as it is parsed
};

// "last", "best", "step:1000", "examples:1e6" or "share:0.5". Throws InputError of field "at".
MeasuredAt parse_measured_at(std::string_view text);

}  // namespace etalon
