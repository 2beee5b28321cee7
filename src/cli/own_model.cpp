#include "cli/own_model.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/standard_streams.hpp"
#include "core/atomic_file.hpp"
#include "core/text.hpp"
#include "etalon/store.hpp"
#include "model/model_file.hpp"

namespace etalon::cli {
namespace {

namespace fs = std::filesystem;

// As the canonical text says it.
std::string name_in(const std::string& canonical) {
  return canonical.substr(0, canonical.find('\n'));
}

void say_what_goes_on(const std::string& path, const char* state, const char* what) {
  print_message(fmt::format("etalon: {} {}; the {} goes on with the layers that it began with",
                            printable(path), state, what));
}

}  // namespace

void keep_layers(TrainingOptions& training) {
  if (is_model_file(training.model) && training.layers.empty()) {
    training.layers = read_model_file(training.model);
  }
}

void keep_layers(TrainingOptions& training, const std::optional<std::string>& stored,
                 const char* what) {
  if (!is_model_file(training.model) || !stored) return keep_layers(training);
  std::error_code ignored;
  if (!fs::exists(training.model, ignored)) {
    say_what_goes_on(training.model, "is gone", what);
    training.layers = *stored;
    return;
  }
  keep_layers(training);
  const std::string now = canonical_model(training.layers, training.model);
  if (now == *stored || name_in(now) != name_in(*stored)) return;
  say_what_goes_on(training.model, "has changed", what);
  training.layers = *stored;
}

std::string write_model(const WorkloadInfo& info, const TrainingOptions& training,
                        const std::string& out) {
  const auto layers = setting_of(info.settings, "layers");
  if (!layers) return "";
  const fs::path path = fs::path(out) / "model.toml";
  std::error_code ignored;
  if (!fs::equivalent(path, training.model, ignored)) {
    write_file_atomically(path.string(), *layers, "out");
  }
  return path.string();
}

}  // namespace etalon::cli
