// From the name of a model to its layers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"
#include "model/built_in_models.hpp"
#include "model/model_file.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMaxWidth = 1 << 20;
constexpr std::int64_t kMaxDepth = 1000;
constexpr std::int64_t kVitPatch = 4;

std::string model_field(std::string_view model) {
  return fmt::format("{} '{}'", field_name("model"), shortened(model));
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::int64_t parse_width(std::string_view text, std::string_view model) {
  const auto width = whole_number(text);
  if (width && *width <= kMaxWidth) return *width;
  throw InputError(
      fmt::format("'{}' is not a layer width from 1 to {}", shortened(text), kMaxWidth),
      model_field(model), "write it like mlp:256,128");
}

ModelSpec parse_mlp(std::string_view name, const ModelTask& task) {
  std::vector<std::int64_t> widths;
  for (const std::string_view width : split(name.substr(4), ',')) {
    widths.push_back(parse_width(width, name));
  }
  return make_mlp({std::string(name), task}, widths);
}

[[noreturn]] void refuse_resnet(std::string_view what, std::string_view name) {
  throw InputError(fmt::format("'{}' says nothing of a resnet", shortened(what)), model_field(name),
                   "write it like resnet8, resnet20,ghost=32 or resnet8,norm=group: 6n + 2 layers");
}

void set_resnet(ResnetSettings& settings, std::string_view setting, std::string_view name) {
  if (setting == "norm=batch") return;
  if (setting == "norm=group") return void(settings.norm = NormSpec::Kind::group);
  constexpr std::string_view kGhost = "ghost=";
  const auto ghost = whole_number(setting.substr(std::min(kGhost.size(), setting.size())));
  if (!setting.starts_with(kGhost) || !ghost) refuse_resnet(setting, name);
  settings.ghost = *ghost;
}

ModelSpec parse_resnet(std::string_view name, const ModelTask& task) {
  const auto parts = split(name, ',');
  const auto layers = whole_number(parts.front().substr(std::string_view("resnet").size()));
  if (!layers || *layers < 8 || *layers > kMaxDepth || (*layers - 2) % 6 != 0) {
    refuse_resnet(parts.front(), name);
  }
  ResnetSettings settings{(*layers - 2) / 6};
  for (std::size_t i = 1; i < parts.size(); ++i) set_resnet(settings, parts[i], name);
  if (settings.ghost > 0 && settings.norm != NormSpec::Kind::batch) {
    throw InputError("a group norm has no ghost batches", model_field(name),
                     "take ghost=... or norm=group");
  }
  return make_resnet({std::string(name), task}, settings);
}

[[noreturn]] void refuse_transformer(std::string_view name) {
  throw InputError("a gpt has layers, features and heads, and the heads divide the features",
                   model_field(name), "write it like gpt:2x128x4 or gpt:2x128x4,dropout=0.1");
}

double parse_dropout(std::string_view setting, std::string_view name) {
  constexpr std::string_view kKey = "dropout=";
  double rate = -1.0;
  if (setting.starts_with(kKey)) {
    const std::string_view text = setting.substr(kKey.size());
    std::from_chars(text.data(), text.data() + text.size(), rate);
  }
  if (!(rate >= 0.0 && rate < 1.0)) refuse_transformer(name);
  return rate;
}

ModelSpec parse_gpt(std::string_view name, const ModelTask& task) {
  const auto parts = split(name.substr(4), ',');
  const auto sizes = split(parts.front(), 'x');
  if (sizes.size() != 3) refuse_transformer(name);
  const auto layers = whole_number(sizes[0]), features = whole_number(sizes[1]),
             heads = whole_number(sizes[2]);
  if (!layers || *layers > kMaxDepth || !features || *features > kMaxWidth || !heads ||
      *features % *heads != 0) {
    refuse_transformer(name);
  }
  TransformerSettings settings{*layers, *features, *heads};
  for (std::size_t i = 1; i < parts.size(); ++i) settings.dropout = parse_dropout(parts[i], name);
  return make_gpt({std::string(name), task}, settings);
}

// "mpl:128" is told apart from the models' names by what stands before the widths.
std::string model_instead(std::string_view name) {
  if (name.starts_with("quadratic"))
    return "a quadratic is no network: etalon study alone trains it";
  const std::size_t end = std::min(name.find_first_of(":,"), name.size());
  const std::string meant = did_you_mean(
      name.substr(0, end),
      std::vector<std::string>{"linear", "lenet", "mlp", "resnet8", "resnet20", "vit", "gpt"});
  constexpr const char* kAll =
      "models are linear, mlp:H1,H2,... such as mlp:128, lenet, resnet8, resnet20, vit:tiny, "
      "gpt:LxDxH such as gpt:2x128x4, and a file of layers, FILE.toml";
  return meant.empty() ? fmt::format("the {}", kAll) : fmt::format("{} The {}", meant, kAll);
}

}  // namespace

ModelSpec parse_model(std::string_view name, const ModelTask& task) {
  if (is_model_file(name)) {
    const std::string path(name);
    return model_from_toml(read_model_file(path), path, task);
  }
  if (name.starts_with("mlp:")) return parse_mlp(name, task);
  if (name.starts_with("gpt:")) return parse_gpt(name, task);
  if (name.starts_with("resnet")) return parse_resnet(name, task);
  if (name == "lenet") return make_lenet({std::string(name), task});
  if (name == "linear") return make_linear({std::string(name), task});
  if (name == "vit:tiny") return make_vit({std::string(name), task}, kVitPatch, {4, 64, 4});
  throw InputError(fmt::format("there is no model '{}'", shortened(name)), field_name("model"),
                   model_instead(name));
}

ModelSpec parse_model(std::string_view name, const TensorShape& input, std::int64_t classes) {
  return parse_model(name, ModelTask{input, classes});
}

}  // namespace etalon
