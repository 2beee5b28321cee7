#include "train/put_examples.hpp"

namespace etalon {

ModelTask task_of(const DataSplits& data) {
  const ExampleShape& shape = data.train.shape();
  ModelTask task;
  task.input = {shape.channels, shape.height, shape.width};
  task.classes = shape.classes;
  task.vocabulary = shape.vocabulary;
  task.outputs = shape.outputs;
  return task;
}

ModelSpec model_for(const std::string& name, const DataSplits& data) {
  return parse_model(name, task_of(data));
}

}  // namespace etalon
