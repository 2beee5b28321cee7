#include "data/class_names.hpp"

#include <algorithm>
#include <numeric>

#include "core/number_text.hpp"

namespace etalon {
namespace {

bool are_whole(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return number_in<std::int64_t>(name).has_value();
  });
}

}  // namespace

std::int32_t ClassNames::number_of(std::string_view name) {
  const auto next = static_cast<std::int32_t>(names_.size());
  const auto [found, is_new] = numbers_.try_emplace(std::string(name), next);
  if (is_new) names_.emplace_back(name);
  return found->second;
}

void ClassNames::put_in_order(std::span<std::int32_t> labels) const {
  std::vector<std::size_t> order(names_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const bool by_value = are_whole(names_);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (!by_value) return names_[a] < names_[b];
    return *number_in<std::int64_t>(names_[a]) < *number_in<std::int64_t>(names_[b]);
  });
  std::vector<std::int32_t> place(names_.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<std::int32_t>(i);
  for (std::int32_t& label : labels) label = place[static_cast<std::size_t>(label)];
}

}  // namespace etalon
