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

}  // namespace etalon
