#include "etalon/bounds.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {

void check_lr(double lr, std::string_view field, std::string_view where) {
  if (is_valid_lr(lr)) return;
  throw InputError(fmt::format("{} is {}", field_name(field), lr), where,
                   fmt::format("it must be in [{:g}, {:g}]", kLeastLr, kGreatestLr));
}

void check_batch_size(double batch_size, std::string_view field, std::string_view where) {
  if (is_valid_batch_size(batch_size)) return;
  throw InputError(fmt::format("{} is {}", field_name(field), batch_size), where,
                   fmt::format("it must be in [1, {:g}]", static_cast<double>(kGreatestBatchSize)));
}

void check_level(double level, std::string_view field, std::string_view where) {
  if (level > 0.0 && level < 1.0) return;
  throw InputError(fmt::format("{} is {}", field_name(field), level), where,
                   "it must be between 0 and 1, such as 0.9");
}

}  // namespace etalon
