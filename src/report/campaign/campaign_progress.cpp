#include "report/campaign/campaign_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "report/display.hpp"
#include "report/study/objective_cells.hpp"

namespace etalon {
namespace {

constexpr std::string_view kClearCampaignLine = "\r\x1b[K";

std::string spec_text(const TrialSpec& spec) {
  return fmt::format("B={}, η={}, seed {}", spec.batch_size, display_lr(spec.lr), spec.seed);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string result_text(const WorkloadInfo& workload, const TrialResult& result) {
  if (result.state == TrialState::finished) {
    return trial_objective_text(workload, result);
  }
  if (result.state == TrialState::diverged) {
    return result.message.empty() ? "diverged"
                                  : fmt::format("diverged ({})", printable(result.message));
  }
  if (result.state == TrialState::pruned) return "pruned " + result.message;
  return fmt::format("failed ({})", printable(first_line(result.message)));
}

}  // namespace

CampaignProgress::CampaignProgress(const WorkloadInfo& workload, const CampaignOptions& campaign,
                                   std::int64_t slots, ProgressOptions options, ProgressSink sink,
                                   Clock clock)
    : workload_(workload),
      trials_(campaign.trials),
      slots_(slots),
      options_(std::move(options)),
      sink_(std::move(sink)),
      clock_(std::move(clock)),
      last_drawn_(clock_()) {}

void CampaignProgress::on_start(const TrialRecord& record) {
  under_way_[record.id] = {record.spec, {}};
  last_id_ = std::max(last_id_, record.id);
  redraw();
}

void CampaignProgress::on_point(const TrialRecord& record, const CurvePoint& point) {
  under_way_[record.id].last = point;
  if (clock_() - last_drawn_ >= options_.redraw_seconds) redraw();
}

void CampaignProgress::on_retry(const TrialRecord& record) {
  under_way_.erase(record.id);
  say(fmt::format("trial {}: {}: {}, once more", record.id, spec_text(record.spec),
                  result_text(workload_, record.result)));
}

void CampaignProgress::on_trial(const TrialRecord& record) {
  under_way_.erase(record.id);
  ++ended_;
  seconds_ += record.result.wall_seconds;
  say(ended_text(record) + time_left());
}

void CampaignProgress::on_budget(std::int64_t trials) { trials_ = trials; }

std::string CampaignProgress::ended_text(const TrialRecord& record) const {
  return fmt::format("trial {} of {}: {}: {} in {}", record.id, trials_, spec_text(record.spec),
                     result_text(workload_, record.result),
                     display_duration(record.result.wall_seconds));
}

std::string CampaignProgress::time_left() const {
  const std::int64_t left = trials_ - last_id_ + static_cast<std::int64_t>(under_way_.size());
  if (left <= 0 || ended_ == 0) return "";
  const double each = seconds_ / static_cast<double>(ended_);
  const std::int64_t whole_rounds = (left + slots_ - 1) / slots_;
  const auto rounds = static_cast<double>(whole_rounds);
  return fmt::format("; about {} left", display_duration(each * rounds));
}

void CampaignProgress::finish() {
  if (options_.terminal && !options_.quiet) sink_(kClearCampaignLine);
  under_way_.clear();
}

void CampaignProgress::say(const std::string& line) {
  if (options_.quiet) return;
  sink_(fmt::format("{}{}\n", options_.terminal ? kClearCampaignLine : "", line));
  redraw();
}

void CampaignProgress::redraw() {
  last_drawn_ = clock_();
  if (options_.quiet || !options_.terminal || under_way_.empty()) return;
  std::string line = "running";
  for (const auto& [id, trial] : under_way_) {
    line += fmt::format("  {}: B={}, η={}", id, trial.spec.batch_size, display_lr(trial.spec.lr));
    if (trial.last.validation_loss) {
      line += fmt::format(", step {}: {}", trial.last.step,
                          display_loss(workload_.shown(*trial.last.validation_loss)));
    }
  }
  sink_(fmt::format("{}{}", kClearCampaignLine, shortened(line, options_.width - 1)));
}

}  // namespace etalon
