#include <fmt/format.h>

#include <array>
#include <charconv>

#include "etalon/error.hpp"
#include "etalon/scaling.hpp"

namespace etalon {
namespace {

constexpr std::string_view kHowToWrite =
    "write a whole number >= 1 such as 256, or micro-batch x accumulation x replicas such as "
    "32x4x8";

[[noreturn]] void reject_text(std::string_view text, std::string_view why) {
  throw InputError(fmt::format("'{}' is not a batch size: {}", text, why), "", kHowToWrite);
}

std::int64_t parse_factor(std::string_view factor, std::string_view text) {
  std::int64_t value = 0;
  const char* end = factor.data() + factor.size();
  const auto [stop, error] = std::from_chars(factor.data(), end, value);
  if (error == std::errc::result_out_of_range) reject_text(text, "a factor is too large");
  // 010 is 8 to some programs.
  if (factor.size() > 1 && factor.front() == '0') {
    reject_text(text, fmt::format("'{}' begins with 0", factor));
  }
  if (error != std::errc{} || stop != end) {
    reject_text(text, fmt::format("'{}' is no whole number", factor));
  }
  if (value < 1) reject_text(text, fmt::format("{} is not >= 1", value));
  return value;
}

}  // namespace

void BatchShape::validate() const {
  std::int64_t product = 1;
  for (const std::int64_t factor : {micro_batch, accumulation, replicas}) {
    if (factor < 1) {
      throw InputError(fmt::format("batch size {}x{}x{} has the factor {}", micro_batch,
                                   accumulation, replicas, factor),
                       "", "every factor must be >= 1");
    }
    if (factor > kGreatestBatchSize / product) {
      throw InputError(
          fmt::format("batch size {}x{}x{} is too large", micro_batch, accumulation, replicas), "",
          fmt::format("the product must be at most {:g}", static_cast<double>(kGreatestBatchSize)));
    }
    product *= factor;
  }
}

BatchShape parse_batch_shape(std::string_view text) {
  std::array<std::int64_t, 3> factors{1, 1, 1};
  std::string_view rest = text;
  for (std::size_t i = 0;; ++i) {
    if (i == factors.size()) reject_text(text, "it has more than three factors");
    const std::size_t times = rest.find('x');
    factors[i] = parse_factor(rest.substr(0, times), text);
    if (times == std::string_view::npos) break;
    rest.remove_prefix(times + 1);
  }
  const BatchShape shape{factors[0], factors[1], factors[2]};
  shape.validate();
  return shape;
}

std::string to_string(const BatchShape& shape) {
  if (shape.accumulation == 1 && shape.replicas == 1) return fmt::format("{}", shape.micro_batch);
  return fmt::format("{}x{}x{}", shape.micro_batch, shape.accumulation, shape.replicas);
}

}  // namespace etalon
