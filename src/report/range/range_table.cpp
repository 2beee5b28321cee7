#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/plain_number.hpp"
#include "report/range/range_answer.hpp"

namespace etalon {
namespace {

constexpr int kRateDigits = 3;

std::string rate_text(double lr) { return rounded_number(lr, kRateDigits); }

std::string ends_text(const RangedLr& of) {
  if (of.low && of.high) return fmt::format("{} to {}", rate_text(*of.low), rate_text(*of.high));
  if (of.low) return fmt::format("{} or more", rate_text(*of.low));
  return of.high ? fmt::format("{} or less", rate_text(*of.high)) : "";
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
    const Losses lost = lost_ones();
    if (lost.diverged == 0) {
      say(fmt::format("Cannot tell: between η = {} and {} the loss falls nowhere by more than its "
                      "noise.",
                      rate_text(answer_.ramp.lowest), rate_text(answer_.ramp.highest)),
          Tone::strong);
      say("Try more steps, a larger batch, or other ends.");
      return;
    }
    const std::string where =
        lost.flat == 0 ? ""
                       : fmt::format(" in {} of {} restarts", lost.diverged, answer_.curves.size());
    say(fmt::format("Cannot tell: the training diverges from η = {} on{}, and below that the loss "
                    "falls nowhere by more than its noise.",
                    rate_text(lost.diverged_from), where),
        Tone::strong);
    say(answer_.ramp.is_linear
            ? fmt::format("Try lower learning rates, or {}, which has more of them.",
                          answer_.is_logged ? "a ramp of equal factors" : "--ramp exponential")
            : "Try lower learning rates, or more of them.");
  }

  // Restarts in which the loss fell nowhere: how many of them diverged, the first at which rate,
  // and how many reached the end.
  struct Losses {
    std::size_t diverged = 0, flat = 0;
    double diverged_from = 0.0;
  };

  Losses lost_ones() const {
    Losses lost;
    for (const RangeCurve& curve : answer_.curves) {
      if (landmarks_of(curve, answer_.reading)) continue;
      if (!curve.blew_up) {
        ++lost.flat;
        continue;
      }
      const double from = curve.blew_up_at;
      lost.diverged_from = lost.diverged == 0 ? from : std::min(lost.diverged_from, from);
      ++lost.diverged;
    }
    return lost;
  }

  void say_lost() {
    const Losses lost = lost_ones();
    const auto in_restarts = [&](std::size_t count) {
      return fmt::format("In {} of {} restarts", count, answer_.curves.size());
    };
    if (lost.flat > 0) {
      say(in_restarts(lost.flat) + " the loss fell nowhere by more than its noise.");
    }
    if (lost.diverged > 0) {
      say(fmt::format("{} it diverged from η = {} on before it had fallen.",
                      in_restarts(lost.diverged), rate_text(lost.diverged_from)));
    }
  }

  std::string with_interval(const RangedLr& of) const {
    const std::string ends = ends_text(of);
    const bool is_bound_itself = !of.high && of.low == of.lr;
    if (ends.empty() || is_bound_itself) return rate_text(of.lr);
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
        answer_.one_run_each || answer_.ramp.steps == 0
            ? "a run"
            : fmt::format("{} steps", answer_.ramp.steps),
        is_bound
            ? fmt::format(", but not yet at {} in {} of {} restarts",
                          rate_text(highest_of_stable()), summary.stay_stable, summary.restarts)
            : ""));
    say_lost();
  }

  // To which a ramp of a program rose, which may stop it early.
  double highest_of_stable() const {
    double highest = 0.0;
    for (const RangeCurve& curve : answer_.curves) {
      if (!curve.blew_up && !curve.lrs.empty()) highest = std::max(highest, curve.lrs.back());
    }
    return highest;
  }

  std::string against_limit(const RangedLr& limit, const char* whose) const {
    return fmt::format("{}{} times {} = {} of the weights {}",
                       answer_.summary->stay_stable > 0 ? "at least " : "",
                       rate_text(answer_.summary->stable_to.lr / limit.lr),
                       answer_.sharpness->limit.formula, rate_text(limit.lr), whose);
  }

  void say_stability(const RangeSummary& summary) {
    if (!answer_.sharpness) return;
    say(fmt::format("The largest stable η, {}{}, is {} and {}.",
                    summary.stay_stable > 0 ? "at least " : "", rate_text(summary.stable_to.lr),
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
