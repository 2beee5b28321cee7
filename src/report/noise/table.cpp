#include <fmt/format.h>

#include <utility>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "report/noise/noise_answer.hpp"
#include "report/noise/noise_cells.hpp"

namespace etalon {
namespace {

constexpr double kUnlikely = 0.01;

class NoiseTable {
 public:
  NoiseTable(const NoiseAnswer& answer, const TextStyle& style)
      : answer_(answer), noise_(answer.noise), scale_(answer.noise.scale), style_(style) {}

  std::string write() {
    if (scale_.value) {
      append_value();
      append_trade_offs();
    } else {
      append_undefined();
    }
    append_evidence();
    append_line();
    append_parts();
    append_curvature();
    append_layers();
    append_variances();
    return std::move(text_);
  }

 private:
  void say(const std::string& sentence, Tone tone = Tone::plain) {
    text_ += paragraph(sentence, style_, tone);
  }
  std::string level_text() const { return fmt::format("{:g}%", 100.0 * answer_.level); }

  void append_value() {
    const std::string value = number_text(*scale_.value);
    const std::string interval =
        scale_.has_interval()
            ? fmt::format(" ({} interval {})", level_text(), range_text(scale_.low, scale_.high))
            : "";
    say(fmt::format("The gradient noise scale is {} examples{}.", value, interval), Tone::strong);
    say("That is about the largest useful batch size: there training takes twice the least steps "
        "and twice the least examples. Well below it, each doubling of B halves the steps and asks "
        "for twice the learning rate of SGD; well above it, a doubling saves hardly a step and the "
        "learning rate stays.");
    if (noise_.is_ratio) {
      say("A ratio that was logged gets no interval: log its numerator and denominator, or the "
          "norms behind them, apart.");
    }
    text_ += '\n';
  }

  void append_undefined() {
    if (noise_.is_ratio) {
      say("The gradient noise scale is undefined here: the ratios that were logged are not above "
          "0.",
          Tone::strong);
      return;
    }
    const std::string least =
        scale_.low && *scale_.low > 0.0
            ? fmt::format(" It is at least {} examples, so that batches up to there waste little.",
                          number_text(*scale_.low))
            : "";
    say(fmt::format("The gradient noise scale is undefined here: the squared length of the true "
                    "gradient, {}, cannot be told from zero.{}",
                    estimated_text(scale_.squared_gradient), least),
        Tone::strong);
    if (scale_.examples_needed) append_need();
    text_ += '\n';
  }

  void append_need() {
    const bool is_bound = scale_.squared_gradient.value <= 0.0;
    say(fmt::format("{} {} examples in all, {} times as many as here, would tell.",
                    is_bound ? "More than" : "About", number_text(*scale_.examples_needed),
                    number_text(*scale_.examples_needed / scale_.examples)));
  }

  ValueColumns columns_named(const std::string& head) const { return {head, answer_.level}; }

  void append_trade_offs() {
    Column sizes{.head = "B", .cells = {}};
    ValueColumns steps = columns_named("steps/least"), examples = columns_named("examples/least");
    ValueColumns lrs = columns_named(answer_.lr ? "η" : "η/greatest");
    for (const NoiseTradeOff& at : trade_offs_of(answer_)) {
      sizes.cells.push_back(plain_number(at.batch_size));
      steps.add(at.steps);
      examples.add(at.examples);
      if (answer_.lr) {
        lrs.add(lr_factor(*answer_.batch_size, at.batch_size, scale_), *answer_.lr);
      } else {
        lrs.add(at.lr);
      }
    }
    const bool has_ranges = scale_.has_interval();
    text_ +=
        table(sizes, {steps.group(has_ranges), examples.group(has_ranges), lrs.group(has_ranges)},
              style_);
    say("The learning rates are those of SGD where noise limits them; where curvature does, they "
        "stop growing earlier. For Adam take about the square root of their ratios. The noise "
        "scale grows along a training, and says the order of magnitude.",
        Tone::quiet);
    text_ += '\n';
  }

  void append_evidence() {
    if (noise_.is_ratio) return say(fmt::format("From {}.", noise_.method));
    say(fmt::format("From {}: |G|² = {}, tr Σ = {}.", noise_.method,
                    estimated_text(scale_.squared_gradient),
                    estimated_text(scale_.covariance_trace)));
  }

  void append_line() {
    if (noise_.line.empty()) return;
    Column sizes{.head = "B", .cells = {}}, counts{.head = "norms", .cells = {}};
    Column means{.head = "mean |g|²", .cells = {}}, errors{.head = "± error", .cells = {}};
    Column fitted{.head = "|G|² + tr Σ/B", .cells = {}};
    for (const NormsAtBatchSize& each : noise_.line) {
      sizes.cells.push_back(plain_number(each.batch_size));
      counts.cells.push_back(fmt::format("{}", each.norms));
      means.cells.push_back(fmt::format("{:.4g}", each.mean));
      errors.cells.push_back(fmt::format("{:.2g}", each.standard_error));
      fitted.cells.push_back(fmt::format("{:.4g}", each.fitted));
    }
    text_ += '\n' + table(sizes, {{counts, means, errors, fitted}}, style_);
    if (noise_.p_value && *noise_.p_value < kUnlikely) append_misfit();
  }

  void append_misfit() {
    say(fmt::format("The norms do not lie on a line in 1/B (p = {:.2g}): something else moves with "
                    "the batch size, such as weights that differ, dropped last batches, or batch "
                    "normalization.",
                    *noise_.p_value),
        Tone::bad);
  }

  void append_parts() {
    std::vector<std::pair<std::string, const NoiseScale*>> rows;
    for (const NoisePart& part : noise_.parts) {
      const std::string first = shortened(part.first, 30), last = shortened(part.last, 30);
      rows.emplace_back(first == last ? first : fmt::format("{} to {}", first, last), &part.scale);
    }
    append_scales("along the way", rows);
  }

  void append_curvature() {
    if (answer_.curvature.points.empty()) return;
    text_ += curvature_text(answer_.curvature, style_);
    text_ += one_step_text(answer_.curvature, style_);
  }

  void append_layers() {
    std::vector<std::pair<std::string, const NoiseScale*>> rows;
    for (const LayerNoise& each : answer_.layers) rows.emplace_back(each.layer, &each.scale);
    append_scales("of each layer", rows);
  }

  void append_scales(const std::string& head,
                     const std::vector<std::pair<std::string, const NoiseScale*>>& rows) {
    if (rows.empty()) return;
    Column places{.head = head, .cells = {}, .left = true};
    ValueColumns scales = columns_named("noise scale");
    for (const auto& [place, scale] : rows) {
      places.cells.push_back(place);
      scales.add(scale->value, scale->low, scale->high);
    }
    text_ += '\n' + table(places, {scales.group(true)}, style_);
  }

  void append_variances() {
    if (answer_.variances.empty()) return;
    Column sizes{.head = "B", .cells = {}}, measured{.head = "variance", .cells = {}};
    Column errors{.head = "± error", .cells = {}}, expected{.head = "expected", .cells = {}};
    Column line{.head = "tr Σ/B", .cells = {}};
    for (const GradientVariance& at : answer_.variances) {
      sizes.cells.push_back(fmt::format("{}", at.batch_size));
      measured.cells.push_back(fmt::format("{:.4g}", at.measured));
      errors.cells.push_back(fmt::format("{:.2g}", at.standard_error));
      expected.cells.push_back(fmt::format("{:.4g}", at.expected));
      line.cells.push_back(fmt::format("{:.4g}", at.line));
    }
    text_ += '\n' + table(sizes, {{measured, errors, expected, line}}, style_);
    say("The variance of the gradient over batches that were drawn from a pool of examples; "
        "expected is tr Σ/B times (N − B)/(N − 1), as no example is drawn twice.",
        Tone::quiet);
  }

  const NoiseAnswer& answer_;
  const NoiseOfLog& noise_;
  const NoiseScale& scale_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string noise_table(const NoiseAnswer& answer, const TextStyle& style) {
  return NoiseTable(answer, style).write();
}

}  // namespace etalon
