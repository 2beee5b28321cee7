// A trial store in memory.
#pragma once

#include <map>
#include <stdexcept>
#include <vector>

#include "etalon/study.hpp"

namespace etalon::testing {

class MemoryStore : public TrialStore {
 public:
  std::vector<TrialRecord> load() const override {
    std::vector<TrialRecord> records;
    for (const auto& [id, record] : by_id_) records.push_back(record);
    return records;
  }
  void append(const TrialRecord& record) override {
    const auto found = by_id_.find(record.id);
    if (found != by_id_.end() && is_result(found->second.result.state)) {
      throw std::logic_error("a trial is stored twice");
    }
    by_id_[record.id] = record;
    appended_.push_back(record);
  }
  double wall_seconds() const override { return wall_seconds_; }
  void set_wall_seconds(double seconds) override { wall_seconds_ = seconds; }

  const std::vector<TrialRecord>& records() const { return appended_; }  // as they came

 private:
  std::map<std::int64_t, TrialRecord> by_id_;
  std::vector<TrialRecord> appended_;
  double wall_seconds_ = 0.0;
};

}  // namespace etalon::testing
