// What hardware a training is to run on, as far as its time and money go. Values only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace etalon {

struct Hardware {
  // Examples a second by batch size, each > 0; empty: as fast as the study's own trials went.
  std::map<std::int64_t, double> examples_per_second{};
  // Money an hour, in any currency, each > 0: the same at every batch size, or by batch size.
  std::optional<double> cost_per_hour{};
  std::map<std::int64_t, double> cost_per_hour_at{};

  bool is_any() const {
    return !examples_per_second.empty() || cost_per_hour || !cost_per_hour_at.empty();
  }
  std::optional<double> cost_at(std::int64_t batch_size) const;
  // Throws InputError naming field, value and constraint.
  void validate() const;
  bool operator==(const Hardware&) const = default;
};

// "32=1800,256=9000", and back: throws InputError naming the field where it is something else.
std::string batch_numbers_text(const std::map<std::int64_t, double>& numbers);
std::map<std::int64_t, double> batch_numbers(const std::string& text, const char* field);

}  // namespace etalon
