#include "runs/update_kinds.hpp"

#include <algorithm>
#include <span>
#include <string>

namespace etalon {
namespace {

// Parts of the names that other optimizers have, besides our own names.
constexpr std::string_view kForeignAdaptive[] = {"adagrad", "adadelta", "sophia",   "shampoo",
                                                 "soap",    "adan",     "novograd", "adaptive"};
constexpr std::string_view kForeignSgd[] = {"heavyball"};

// In lower case, without what separates words.
std::string letters_of(std::string_view text) {
  std::string letters;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower >= 'a' && lower <= 'z') letters += lower;
  }
  return letters;
}

// Whether `name` has one of our optimizers' of this kind in it, or a part of `foreign`.
bool has_part_of(const std::string& name, UpdateKind update,
                 std::span<const std::string_view> foreign) {
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  const auto has_own = [&](const OptimizerInfo& info) {
    return info.update == update && has(info.name);
  };
  return std::any_of(optimizers().begin(), optimizers().end(), has_own) ||
         std::any_of(foreign.begin(), foreign.end(), has);
}

}  // namespace

std::optional<UpdateKind> update_kind_of(std::string_view optimizer) {
  if (const OptimizerInfo* known = find_optimizer(optimizer)) return known->update;
  const std::string name = letters_of(optimizer);
  // Adaptive ones are looked for first: "adamomentum" is one.
  if (has_part_of(name, UpdateKind::adaptive, kForeignAdaptive)) return UpdateKind::adaptive;
  if (has_part_of(name, UpdateKind::sgd, kForeignSgd)) return UpdateKind::sgd;
  return std::nullopt;
}

OptimizerFamily optimizer_family_of(std::string_view optimizer) {
  if (const OptimizerInfo* known = find_optimizer(optimizer)) return known->family;
  const std::string name = letters_of(optimizer);
  const OptimizerInfo* longest = nullptr;  // "adamw" has "adam" in it
  for (const OptimizerInfo& info : optimizers()) {
    if (name.find(info.name) == std::string::npos) continue;
    if (!longest || info.name.size() > longest->name.size()) longest = &info;
  }
  if (longest) return longest->family;
  return update_kind_of(optimizer) == UpdateKind::sgd ? OptimizerFamily::sgd
                                                      : OptimizerFamily::adamw;
}

std::optional<UncorrectedStart> start_of(std::string_view optimizer, const RunGroup& group) {
  const OptimizerInfo& rmsprop = optimizer_info(OptimizerFamily::rmsprop);
  if (optimizer_family_of(optimizer) != rmsprop.family || !group.examples) return std::nullopt;
  return UncorrectedStart{group.beta2.value_or(*rmsprop.beta2), *group.examples};
}

}  // namespace etalon
