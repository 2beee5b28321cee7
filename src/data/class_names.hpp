// Labels as they are written, numbered as they come, and then in order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace etalon {

class ClassNames {
 public:
  // The number of `name`, a new one where it is new.
  std::int32_t number_of(std::string_view name);
  std::size_t size() const { return names_.size(); }

  // Turns `labels` from the order of coming to that of the names: of whole numbers by value if all
  // are, else as text.
  void put_in_order(std::span<std::int32_t> labels) const;

 private:
  std::unordered_map<std::string, std::int32_t> numbers_;
  std::vector<std::string> names_;
};

}  // namespace etalon
