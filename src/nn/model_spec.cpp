#include "nn/model_spec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/choice.hpp"
#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMaxWidth = 1 << 20;

std::int64_t parse_width(std::string_view text, std::string_view model) {
  std::int64_t width = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), width);
  if (status != std::errc{} || end != text.data() + text.size() || width < 1 || width > kMaxWidth) {
    throw InputError(fmt::format("'{}' is not a layer width from 1 to {}", text, kMaxWidth),
                     fmt::format("{} '{}'", field_name("model"), model),
                     "write it like mlp:256,128");
  }
  return width;
}

ModelSpec mlp(std::string_view name, std::string_view widths, const ImageShape& input,
              std::int64_t classes) {
  ModelSpec model{std::string(name), input, classes, {FlattenSpec{input}}};
  std::int64_t features = input.size();
  while (true) {
    const auto comma = widths.find(',');
    const std::int64_t width = parse_width(widths.substr(0, comma), name);
    model.layers.emplace_back(DenseSpec{features, width, true});
    features = width;
    if (comma == std::string_view::npos) break;
    widths.remove_prefix(comma + 1);
  }
  model.layers.emplace_back(DenseSpec{features, classes, false});
  return model;
}

ModelSpec lenet(std::string_view name, const ImageShape& input, std::int64_t classes) {
  if (input.height < 12 || input.width < 12) {
    throw InputError(
        fmt::format("lenet needs images of at least 12x12, not {}x{}", input.height, input.width),
        field_name("model"), "use mlp:128 instead");
  }
  ModelSpec model{std::string(name), input, classes, {}};
  const ConvolutionSpec first{input, 6, 5, 2};
  const MaxPoolSpec first_pool{first.out(), 2};
  const ConvolutionSpec second{first_pool.out(), 16, 5, 0};
  const MaxPoolSpec second_pool{second.out(), 2};
  const FlattenSpec flatten{second_pool.out()};
  model.layers = {first,
                  first_pool,
                  second,
                  second_pool,
                  flatten,
                  DenseSpec{flatten.in.size(), 120, true},
                  DenseSpec{120, 84, true},
                  DenseSpec{84, classes, false}};
  return model;
}

}  // namespace

namespace {

// "mpl:128" is told apart from the models' names by what stands before the widths.
std::string model_instead(std::string_view name) {
  if (name.starts_with("quadratic"))
    return "a quadratic is no network: etalon study alone trains it";
  const std::size_t end = std::min(name.find(':'), name.size());
  const std::string meant =
      did_you_mean(name.substr(0, end), std::vector<std::string>{"linear", "lenet", "mlp"});
  constexpr const char* kAll = "models are linear, lenet and mlp:H1,H2,... such as mlp:128";
  return meant.empty() ? fmt::format("the {}", kAll) : fmt::format("{} The {}", meant, kAll);
}

}  // namespace

ModelSpec parse_model(std::string_view name, const ImageShape& input, std::int64_t classes) {
  if (name.starts_with("mlp:")) return mlp(name, name.substr(4), input, classes);
  if (name == "lenet") return lenet(name, input, classes);
  if (name == "linear") {
    return {std::string(name),
            input,
            classes,
            {FlattenSpec{input}, DenseSpec{input.size(), classes, false}}};
  }
  throw InputError(fmt::format("there is no model '{}'", shortened(name)), field_name("model"),
                   model_instead(name));
}

}  // namespace etalon
