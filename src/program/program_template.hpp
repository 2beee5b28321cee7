// A program's command, environment and configuration with places for a trial's values, filled in
// for one trial.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "etalon/program.hpp"
#include "program/attempt.hpp"
#include "program/placed_text.hpp"

namespace etalon {

class ProgramTemplate {
 public:
  // Throws InputError as ProgramOptions::validate, RunError where the configuration's template
  // cannot be read.
  explicit ProgramTemplate(const ProgramOptions& options);

  bool has(const std::string& place) const { return places_.contains(place); }
  const std::set<std::string>& places() const { return places_; }
  const std::string& config_text() const { return config_text_; }

  // Throws InputError for a place to which such a trial gives no value.
  void check_values(const TrialSpec& spec) const;

  // The file of metrics of a trial, absolute; empty: none is named.
  std::filesystem::path metric_file(std::int64_t trial, const TrialSpec& spec,
                                    const AttemptFiles& files) const;

  // What is run for a trial in the attempt `files`, into whose directory the configuration is
  // written. `slot` comes last, so that it wins.
  Launch fill(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files,
              const Slot& slot) const;

 private:
  void add_places(const PlacedText& text);
  void check_places() const;
  void check_lr_places() const;
  void check_passes() const;
  void check_metric_file() const;
  PlaceValues values_of(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files) const;

  const ProgramOptions& options_;
  std::vector<PlacedText> arguments_;
  std::vector<std::pair<std::string, PlacedText>> environment_;
  std::string config_text_;
  std::optional<PlacedText> config_;
  std::optional<PlacedText> metric_file_;
  std::set<std::string> places_;
};

}  // namespace etalon
