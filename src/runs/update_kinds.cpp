#include "runs/update_kinds.hpp"

#include <algorithm>
#include <string>

namespace etalon {
namespace {

// Parts of the names that optimizers have elsewhere, in lower case without what separates words.
// Adaptive ones are looked for first: "adamomentum" is one.
constexpr std::string_view kAdaptive[] = {"adam",     "rmsprop",   "lamb",     "lion",    "adagrad",
                                          "adadelta", "adafactor", "sophia",   "shampoo", "soap",
                                          "muon",     "adan",      "novograd", "adaptive"};
constexpr std::string_view kSgd[] = {"sgd", "momentum", "nesterov", "lars", "heavyball"};

}  // namespace

std::optional<UpdateKind> update_kind_of(std::string_view optimizer) {
  if (const OptimizerInfo* known = find_optimizer(optimizer)) return known->update;
  std::string name;
  for (const char c : optimizer) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower >= 'a' && lower <= 'z') name += lower;
  }
  const auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (std::any_of(std::begin(kAdaptive), std::end(kAdaptive), has)) return UpdateKind::adaptive;
  if (std::any_of(std::begin(kSgd), std::end(kSgd), has)) return UpdateKind::sgd;
  return std::nullopt;
}

}  // namespace etalon
