#include "data/teacher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/interval.hpp"
#include "core/number_text.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "data/source.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kMostFeatures = 100'000, kMostExamples = 100'000'000, kMostWidth = 100'000;
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 31;

struct TeacherSettings {
  std::int64_t features = 0, classes = 10, outputs = 0, examples = 20000, width = 32;
  double noise = 0.1;
  std::uint64_t seed = 0;

  std::int64_t test_examples() const { return std::max<std::int64_t>(1, examples / 4); }
  std::int64_t answers() const { return outputs > 0 ? outputs : classes; }
};

std::int64_t feature_count(const SpecText& source) {
  const auto count = number_in<std::int64_t>(source.word(0));
  if (count && *count >= 1 && *count <= kMostFeatures) return *count;
  source.refuse(fmt::format("'{}' is not a number of features from 1 to {}",
                            shortened(source.word(0)), kMostFeatures),
                "write it like teacher:20");
}

TeacherSettings teacher_settings(const SpecText& source) {
  source.check_keys("a teacher", {"classes", "outputs", "examples", "width", "noise", "seed"});
  TeacherSettings settings;
  settings.features = feature_count(source);
  if (source.value("classes") && source.value("outputs")) {
    source.refuse("there are classes and outputs", "give one of them");
  }
  settings.classes = source.whole_number("classes", 2, 1000).value_or(settings.classes);
  settings.outputs = source.whole_number("outputs", 1, 1000).value_or(settings.outputs);
  settings.examples = source.whole_number("examples", 3, kMostExamples).value_or(settings.examples);
  settings.width = source.whole_number("width", 1, kMostWidth).value_or(settings.width);
  const Interval noise = settings.outputs > 0 ? Interval{.most = 1e6} : kShare;
  settings.noise = source.number("noise", noise).value_or(settings.noise);
  settings.seed =
      static_cast<std::uint64_t>(source.whole_number("seed", 0, std::int64_t{1} << 62).value_or(0));
  const std::int64_t all = settings.examples + settings.test_examples();
  if (all * settings.features > kMostNumbers) {
    source.refuse("the set has more than 2^31 numbers", "take fewer examples or features");
  }
  return settings;
}

std::vector<double> normals(std::int64_t count, double deviation, RandomStream& stream) {
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = deviation * stream.normal();
  return values;
}

// to = weights · from, for weights of (to.size(), from.size()).
template <typename Value>
void multiply(const std::vector<double>& weights, const Value* from, std::size_t size,
              std::vector<double>& to) {
  const double* weight = weights.data();
  for (double& sum : to) {
    sum = 0.0;
    for (std::size_t i = 0; i < size; ++i) sum += *weight++ * static_cast<double>(from[i]);
  }
}

class Teacher {
 public:
  explicit Teacher(const TeacherSettings& settings)
      : Teacher(settings, RandomStream(settings.seed, "teacher")) {}

  // Of one row of features.
  const std::vector<double>& outputs(const float* features) {
    multiply(first_, features, features_, hidden_);
    for (double& unit : hidden_) unit = std::tanh(unit);
    multiply(second_, hidden_.data(), hidden_.size(), outputs_);
    return outputs_;
  }

 private:
  Teacher(const TeacherSettings& settings, RandomStream stream)
      : features_(static_cast<std::size_t>(settings.features)),
        first_(normals(settings.width * settings.features,
                       2.0 / std::sqrt(static_cast<double>(settings.features)), stream)),
        second_(normals(settings.answers() * settings.width,
                        1.0 / std::sqrt(static_cast<double>(settings.width)), stream)),
        hidden_(static_cast<std::size_t>(settings.width)),
        outputs_(static_cast<std::size_t>(settings.answers())) {}

  std::size_t features_;
  std::vector<double> first_, second_, hidden_, outputs_;
};

// Two draws whether or not they are taken, so that another noise leaves those of later examples.
std::int32_t noisy(std::int32_t label, const TeacherSettings& settings, RandomStream& stream) {
  const double chance = stream.uniform();
  const auto another =
      static_cast<std::int32_t>(stream.uniform() * static_cast<double>(settings.classes));
  return chance < settings.noise ? another : label;
}

void answer(const std::vector<double>& outputs, const TeacherSettings& settings,
            RandomStream& noise, Examples& examples) {
  if (settings.outputs > 0) {
    for (const double output : outputs) {
      examples.targets.push_back(static_cast<float>(output + settings.noise * noise.normal()));
    }
    return;
  }
  const auto greatest = std::max_element(outputs.begin(), outputs.end()) - outputs.begin();
  examples.labels.push_back(noisy(static_cast<std::int32_t>(greatest), settings, noise));
}

Examples draw_examples(const TeacherSettings& settings) {
  const auto features = static_cast<std::size_t>(settings.features);
  const auto count = static_cast<std::size_t>(settings.examples + settings.test_examples());
  RandomStream stream(settings.seed, "teacher features"), noise(settings.seed, "teacher noise");
  std::vector<float> values(count * features);
  for (float& value : values) value = static_cast<float>(stream.normal());
  Examples examples{.shape = {.width = settings.features,
                              .classes = settings.outputs > 0 ? 0 : settings.classes,
                              .outputs = settings.outputs}};
  Teacher teacher(settings);
  for (std::size_t n = 0; n < count; ++n) {
    answer(teacher.outputs(values.data() + n * features), settings, noise, examples);
  }
  examples.floats = SharedArray(std::move(values));
  return examples;
}

}  // namespace

std::shared_ptr<const DataSplits> load_teacher(const SpecText& source,
                                               const SplitOptions& options) {
  const TeacherSettings settings = teacher_settings(source);
  return split_at_random(with_test_rows(draw_examples(settings),
                                        static_cast<std::size_t>(settings.examples), source.text()),
                         source.text(), options);
}

}  // namespace etalon
