#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "data/dataset.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Mean and squared deviations of one part of the values.
struct Moments {
  double mean = 0.0, squares = 0.0;
};

// Channels of images, single features of rows; rows of bytes are images of one line.
std::size_t parts_of(const Examples& examples) {
  const ExampleShape& shape = examples.shape;
  const bool is_row = shape.channels == 1 && shape.height == 1 && examples.bytes.empty();
  return static_cast<std::size_t>(is_row ? shape.width : shape.channels);
}

Moments moments_of(const std::array<std::uint64_t, 256>& counts) {
  double n = 0.0, sum = 0.0;
  for (std::size_t value = 0; value < counts.size(); ++value) {
    n += static_cast<double>(counts[value]);
    sum += static_cast<double>(value) * static_cast<double>(counts[value]);
  }
  Moments moments{sum / n, 0.0};
  for (std::size_t value = 0; value < counts.size(); ++value) {
    const double distance = static_cast<double>(value) - moments.mean;
    moments.squares += distance * distance * static_cast<double>(counts[value]);
  }
  moments.squares /= n;
  return moments;
}

std::vector<Moments> byte_moments(const Dataset& dataset, std::size_t parts) {
  std::vector<std::array<std::uint64_t, 256>> counts(parts);
  const std::size_t length = dataset.features() / parts;
  for (const std::uint32_t row : dataset.rows) {
    const std::uint8_t* value = dataset.examples->bytes.data() + row * dataset.features();
    for (auto& part : counts) {
      for (std::size_t i = 0; i < length; ++i) ++part[*value++];
    }
  }
  std::vector<Moments> all;
  all.reserve(parts);
  for (const auto& part : counts) all.push_back(moments_of(part));
  return all;
}

// Adds term(value, part) of every value of every row to `sums`, one sum a part.
template <typename Term>
void add_terms(const Dataset& dataset, const float* values, std::size_t size,
               std::vector<double>& sums, Term term) {
  const std::size_t length = size / sums.size();
  for (const std::uint32_t row : dataset.rows) {
    const float* value = values + row * size;
    for (std::size_t part = 0; part < sums.size(); ++part) {
      for (std::size_t i = 0; i < length; ++i) {
        sums[part] += term(static_cast<double>(*value++), part);
      }
    }
  }
}

std::vector<Moments> float_moments(const Dataset& dataset, const float* values, std::size_t size,
                                   std::size_t parts) {
  const std::size_t length = size / parts;
  const double n = static_cast<double>(dataset.size()) * static_cast<double>(length);
  std::vector<double> sums(parts), squares(parts);
  add_terms(dataset, values, size, sums, [](double value, std::size_t) { return value; });
  add_terms(dataset, values, size, squares, [&](double value, std::size_t part) {
    const double distance = value - sums[part] / n;
    return distance * distance;
  });
  std::vector<Moments> all;
  for (std::size_t part = 0; part < parts; ++part) {
    all.push_back({sums[part] / n, squares[part] / n});
  }
  return all;
}

// A deviation that is only what rounding leaves of equal values is none.
bool varies(const Moments& moments) {
  constexpr double kRounded = 1e-12;
  return std::sqrt(moments.squares) > kRounded * std::abs(moments.mean);
}

void take(const std::vector<Moments>& all, std::vector<float>& mean, std::vector<float>& scale) {
  mean.clear(), scale.clear();
  for (const Moments& moments : all) {
    mean.push_back(static_cast<float>(moments.mean));
    scale.push_back(varies(moments) ? static_cast<float>(1.0 / std::sqrt(moments.squares)) : 1.0f);
  }
}

[[noreturn]] void refuse_constant(const Dataset& dataset, const char* what) {
  throw InputError(std::string("all training ") + what + " have the same value", dataset.name,
                   "use examples that differ");
}

void measure_values(const Dataset& dataset, Normalization& normalization) {
  const Examples& examples = *dataset.examples;
  const std::size_t parts = parts_of(examples);
  const bool are_bytes = !examples.bytes.empty();
  const auto all = are_bytes
                       ? byte_moments(dataset, parts)
                       : float_moments(dataset, examples.floats.data(), dataset.features(), parts);
  if (std::none_of(all.begin(), all.end(), varies)) {
    refuse_constant(dataset, are_bytes ? "pixels" : "features");
  }
  take(all, normalization.mean, normalization.scale);
}

}  // namespace

Normalization measure_normalization(const Dataset& dataset) {
  Normalization normalization;
  if (!dataset.shape().is_text()) measure_values(dataset, normalization);
  if (!dataset.shape().is_regression()) return normalization;
  const auto outputs = static_cast<std::size_t>(dataset.shape().outputs);
  const auto all = float_moments(dataset, dataset.examples->targets.data(), outputs, outputs);
  if (std::none_of(all.begin(), all.end(), varies)) refuse_constant(dataset, "targets");
  take(all, normalization.target_mean, normalization.target_scale);
  return normalization;
}

}  // namespace etalon
