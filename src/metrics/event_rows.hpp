// Rows of a TensorBoard event file: one for each event that has scalars, `step` first.
#pragma once

#include <string>
#include <utility>

#include "metrics/event_records.hpp"
#include "metrics/event_scalars.hpp"
#include "metrics/row_reader.hpp"

namespace etalon {

class EventRows final : public RowReader {
 public:
  explicit EventRows(HearRow hear)
      : records_([hear = std::move(hear)](std::string_view message) {
          const auto row = scalars_of_event(message);
          if (!row.empty()) hear(row);
        }) {}
  void take(std::string_view bytes) override { records_.take(bytes); }
  void finish() override {}
  std::string damage() const override { return records_.damage(); }

 private:
  EventRecords records_;
};

}  // namespace etalon
