// A trial store in memory.
#pragma once

#include <algorithm>
#include <vector>

#include "etalon/study.hpp"

namespace etalon::testing {

class MemoryStore : public TrialStore {
 public:
  std::vector<TrialRecord> load() const override {
    auto records = records_;
    std::sort(records.begin(), records.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return records;
  }
  void append(const TrialRecord& record) override { records_.push_back(record); }

  const std::vector<TrialRecord>& records() const { return records_; }

 private:
  std::vector<TrialRecord> records_;
};

}  // namespace etalon::testing
