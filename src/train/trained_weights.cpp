#include "train/trained_weights.hpp"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.hpp"
#include "model/parameters.hpp"
#include "train/checkpoint.hpp"
#include "train/require.hpp"

namespace etalon {
namespace {

[[noreturn]] void refuse_weights(const std::string& what, const std::string& place) {
  throw InputError(fmt::format("the checkpoint cannot be right: {}", what), place,
                   "train it again, or take another copy");
}

void require_same(const std::string& name, const std::string& theirs, const std::string& ours,
                  const std::string& place) {
  if (theirs == ours) return;
  throw InputError(fmt::format("the checkpoint is of other {}: {} there and {} here",
                               field_name(name), theirs, ours),
                   place, "leave the flag out, or give the checkpoint's own");
}

}  // namespace

void TrainedWeights::check_are_of(const TrainingOptions& options, const TrainingData& data,
                                  const std::string& place) const {
  for (const auto& [name, value] : training_info(options, data).settings) {
    const bool matters = name == "dataset" || name == "train_examples" || name == "split_seed" ||
                         name == "model" || name == "layers";
    if (!matters) continue;
    const auto found = settings.find(name);
    if (found == settings.end()) refuse_weights(name + " is missing", place);
    require_same(name, found->second, value, place);
  }
  const auto size = static_cast<std::size_t>(parameter_layout(data.model).size);
  if (weights.size() != size) refuse_weights("its weights do not fit its model", place);
}

TrainedWeights trained_weights(std::string_view checkpoint, const std::string& place) {
  Checkpoint decoded = decode_checkpoint(checkpoint, place);
  const auto& header = decoded.header;
  TrainedWeights trained;
  if (!header.contains("settings") || !header.at("settings").is_object() ||
      !header.contains("steps") || !header.at("steps").is_number_unsigned() ||
      !header.contains("lr") || !header.at("lr").is_number() || decoded.vectors.empty()) {
    refuse_weights("settings, steps, lr or weights are missing", place);
  }
  for (const auto& [name, value] : header.at("settings").items()) {
    trained.settings[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  trained.steps = header.at("steps").get<std::int64_t>();
  trained.lr = header.at("lr").get<double>();
  trained.weights = std::move(decoded.vectors.front());
  return trained;
}

}  // namespace etalon
