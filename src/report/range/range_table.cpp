#include <fmt/format.h>

#include <utility>

#include "core/plain_number.hpp"
#include "report/range/range_answer.hpp"

namespace etalon {
namespace {

constexpr int kRateDigits = 3;

std::string rate_text(double lr) { return rounded_number(lr, kRateDigits); }

std::string ends_text(const RangedLr& of) {
  return of.low ? fmt::format("{} to {}", rate_text(*of.low), rate_text(*of.high)) : "";
}

class RangeTable {
 public:
  RangeTable(const RangeAnswer& answer, const TextStyle& style) : answer_(answer), style_(style) {}

  std::string write() {
    if (!answer_.summary) {
      say_nothing_fell();
      return std::move(text_);
    }
    say_range(*answer_.summary);
    say_stability(*answer_.summary);
    say("It says what a few steps stand and from where on they learn, not what is best over a "
        "whole "
        "training, and of this batch size alone: ask again at another, and study what matters.");
    text_ += '\n';
    append_landmarks(*answer_.summary);
    return std::move(text_);
  }

 private:
  void say(const std::string& sentence, Tone tone = Tone::plain) {
    text_ += paragraph(sentence, style_, tone);
  }

  void say_nothing_fell() {
    say(fmt::format("Cannot tell: between η = {} and {} the loss falls nowhere by more than its "
                    "noise.",
                    rate_text(answer_.ramp.lowest), rate_text(answer_.ramp.highest)),
        Tone::strong);
    say("Try more steps, a larger batch, or other ends.");
  }

  std::string with_interval(const RangedLr& of) const {
    const std::string ends = ends_text(of);
    if (ends.empty()) return rate_text(of.lr);
    return fmt::format("{} ({:g}% interval {})", rate_text(of.lr), 100.0 * answer_.level, ends);
  }

  void say_range(const RangeSummary& summary) {
    const bool is_bound = summary.stay_stable > 0;
    const std::string where =
        answer_.batch_size > 0 ? fmt::format("At B={} learning", answer_.batch_size) : "Learning";
    say(fmt::format("{} rates from {} to {}{} train.", where, with_interval(summary.falls_from),
                    is_bound ? "at least " : "", with_interval(summary.stable_to)),
        Tone::strong);
    say(fmt::format(
        "Below the first the loss hardly falls within {}, above the second it rises "
        "again{}.",
        answer_.one_run_each ? "a run" : fmt::format("{} steps", answer_.ramp.steps),
        is_bound
            ? fmt::format(", but not yet at {} in {} of {} restarts",
                          rate_text(answer_.ramp.highest), summary.stay_stable, summary.restarts)
            : ""));
    const std::size_t lost = answer_.curves.size() - summary.restarts;
    if (lost == 0) return;
    say(fmt::format("In {} of {} restarts the loss fell nowhere by more than its noise.", lost,
                    answer_.curves.size()));
  }

  std::string against_limit(const RangedLr& limit, const char* whose) const {
    return fmt::format("{} times {} = {} of the weights {}",
                       rate_text(answer_.summary->stable_to.lr / limit.lr),
                       answer_.sharpness->limit.formula, rate_text(limit.lr), whose);
  }

  void say_stability(const RangeSummary& summary) {
    if (!answer_.sharpness) return;
    say(fmt::format("The largest stable η, {}, is {} and {}.", rate_text(summary.stable_to.lr),
                    against_limit(answer_.sharpness->stable_at_start, "at the start"),
                    against_limit(answer_.sharpness->stable_at_least, "where the loss was least")));
  }

  void append_landmarks(const RangeSummary& summary) {
    Column names{.head = "", .cells = {}, .left = true}, lrs{.head = "η", .cells = {}};
    Column ends{.head = fmt::format("{:g}% interval", 100.0 * answer_.level), .cells = {}};
    const auto add = [&](const std::string& name, const RangedLr& lr) {
      names.cells.push_back(name);
      lrs.cells.push_back(rate_text(lr.lr));
      ends.cells.push_back(ends_text(lr));
    };
    add("the loss falls from", summary.falls_from);
    add("it falls fastest at", summary.falls_fastest);
    add("it is least at", summary.least);
    add("it is stable to", summary.stable_to);
    for (const NamedLr& each : summary.suggestions) {
      add(fmt::format("\"{}\" suggests", each.name), each.lr);
    }
    text_ += table(names, {{lrs, ends}}, style_);
  }

  const RangeAnswer& answer_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string range_table(const RangeAnswer& answer, const TextStyle& style) {
  return RangeTable(answer, style).write();
}

}  // namespace etalon
