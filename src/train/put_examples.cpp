#include "train/put_examples.hpp"

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {

ModelSpec model_for(const std::string& name, const DataSplits& data) {
  const ExampleShape& shape = data.train.shape();
  if (shape.is_text() || shape.is_regression()) {
    throw InputError(fmt::format("no model takes {} yet", shape.is_text() ? "text" : "targets"),
                     data.source, "use images or features with class labels");
  }
  return parse_model(name, {shape.channels, shape.height, shape.width}, shape.classes);
}

}  // namespace etalon
